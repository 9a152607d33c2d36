/** Run lengths away from the page's thread, so that a stroke never waits for them. */

import { type Bitmap, decode, encode } from "./rle";

export type Asked =
  | { id: number; encode: Bitmap }
  | { id: number; decode: { counts: string; width: number; height: number } };
export type Answered = { id: number; counts: string } | { id: number; bitmap: Bitmap };

self.onmessage = ({ data }: MessageEvent<Asked>) => {
  const answer: Answered =
    "encode" in data
      ? { id: data.id, counts: encode(data.encode) }
      : { id: data.id, bitmap: decode(data.decode.counts, data.decode.width, data.decode.height) };
  self.postMessage(answer);
};
