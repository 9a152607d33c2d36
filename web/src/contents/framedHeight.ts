/** How high a framed page is. It is a stranger's: a figure is read of it, and nothing else. */

export const LEAST = 60;
/** A page that is longer is scrolled in its frame. */
export const MOST = 20_000;
/** The frame's own edges. */
const EDGES = 2;
const SCROLLBAR = 16;

/** Null where the page cannot be looked into: the frame keeps its usual height. */
export function framedHeight(frame: HTMLIFrameElement): number | null {
  const page = frame.contentDocument;
  const [root, body] = [page?.documentElement, page?.body];
  if (!root || !body) {
    return null;
  }
  const wide = Number(root.scrollWidth) > Number(root.clientWidth) ? SCROLLBAR : 0;
  const found = Math.max(Number(root.offsetHeight), Number(body.scrollHeight)) + EDGES + wide;
  return Number.isFinite(found) && found > 0 ? Math.min(MOST, Math.max(LEAST, Math.ceil(found))) : null;
}
