/** Fetches the media of items that lie ready, so that the next item is painted with its picture and sounds at once. */

import type { Entry, Item } from "../api/types";
import { type Medium, mediaOf } from "../contents/media";

/** More of a file than this is not fetched ahead: it begins to play before it is whole anyway. */
const MOST_BYTES = 32_000_000;

/** Media that are in the item itself, or that this server keeps for the project. Another's address is never fetched. */
export function mediaIn(item: Item): Medium[] {
  return Object.keys(item.content).flatMap((field) =>
    mediaOf(item, field).filter((medium) => medium !== null),
  );
}

/** Lets go of what it holds. */
type Release = () => void;

/** Keep the media of exactly these entries ready; called whenever they change. */
export function createMediaShelf(
  prepare: (medium: Medium) => Release = prepared,
): (held: readonly Entry[]) => void {
  let ready = new Map<string, Release>();
  let seen: readonly Entry[] = [];
  return (held) => {
    if (held === seen) {
      return;
    }
    seen = held;
    const before = ready;
    ready = new Map();
    for (const medium of held.flatMap(({ item }) => mediaIn(item))) {
      ready.set(medium.url, ready.get(medium.url) ?? before.get(medium.url) ?? prepare(medium));
    }
    for (const [url, release] of before) {
      if (!ready.has(url)) {
        release();
      }
    }
  };
}

function prepared({ url, type }: Medium): Release {
  if (type?.startsWith("image/")) {
    return decoded(url);
  }
  return url.startsWith("data:") ? () => {} : fetched(url);
}

/** Kept decoded for as long as the image is referred to. */
function decoded(url: string): Release {
  let image: HTMLImageElement | null = new Image();
  image.src = url;
  // One that is broken is told where it is shown.
  image.decode().catch(() => {});
  return () => {
    image = null;
  };
}

/** Put into the browser's cache, from where players and readers take it; its memory is not ours. */
function fetched(url: string): Release {
  const stop = new AbortController();
  void (async () => {
    const answer = await fetch(url, { signal: stop.signal, credentials: "same-origin", priority: "low" });
    if (!answer.ok || Number(answer.headers.get("Content-Length") ?? 0) > MOST_BYTES) {
      stop.abort();
      return;
    }
    await answer.body?.pipeTo(new WritableStream());
  })().catch(() => {});
  return () => stop.abort();
}
