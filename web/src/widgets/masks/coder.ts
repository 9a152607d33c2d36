/** The worker that codes run lengths, as promises; answers come in the order of the questions. */

import type { Bitmap } from "./rle";
import type { Answered, Asked } from "./rle.worker";

export interface Coder {
  encode(bitmap: Bitmap): Promise<string>;
  decode(counts: string, width: number, height: number): Promise<Bitmap>;
  close(): void;
}

export function createCoder(): Coder {
  const worker = new Worker(new URL("./rle.worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, (answer: Answered) => void>();
  let asked = 0;
  worker.onmessage = ({ data }: MessageEvent<Answered>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };

  function ask(question: (id: number) => Asked): Promise<Answered> {
    asked += 1;
    const id = asked;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      worker.postMessage(question(id));
    });
  }

  return {
    async encode(bitmap) {
      const answer = await ask((id) => ({ id, encode: bitmap }));
      return "counts" in answer ? answer.counts : "";
    },
    async decode(counts, width, height) {
      const answer = await ask((id) => ({ id, decode: { counts, width, height } }));
      return "bitmap" in answer ? answer.bitmap : { width, height, tiles: new Map() };
    },
    close: () => worker.terminate(),
  };
}
