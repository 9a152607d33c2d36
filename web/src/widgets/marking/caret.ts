/** From a point on the screen to a place in a text that is drawn in pieces. */

/** The place under a point, in UTF-16 units of the whole text; null when it is not over the text.
 *
 * Every element that holds text says in `data-at` where it begins.
 */
export function unitsAt(root: Element, x: number, y: number): number | null {
  const found = caretAt(x, y);
  if (found === null || !root.contains(found.node)) {
    return null;
  }
  const element = found.node instanceof Element ? found.node : found.node.parentElement;
  const holder = element?.closest<HTMLElement>("[data-at]");
  if (!holder) {
    return null;
  }
  const begins = Number(holder.dataset.at);
  if (found.node instanceof Element) {
    const before = [...found.node.childNodes].slice(0, found.offset);
    return begins + before.reduce((sum, node) => sum + (node.textContent?.length ?? 0), 0);
  }
  return begins + found.offset;
}

function caretAt(x: number, y: number): { node: Node; offset: number } | null {
  // Chromium, Firefox and, since 2025, Safari know the first; older Safaris the second.
  const position = document.caretPositionFromPoint?.(x, y);
  if (position) {
    return { node: position.offsetNode, offset: position.offset };
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : null;
}
