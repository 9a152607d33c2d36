/** The words of a text, which a selection goes by. Places count code points. */

import { type Offsets, offsetsOf, type Utf16Units } from "../../domain/offsets";
import type { Range } from "./marks";

export interface Words {
  offsets: Offsets;
  words: readonly Range[];
}

export function wordsOf(text: string): Words {
  const offsets = offsetsOf(text);
  const words: Range[] = [];
  for (const piece of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)) {
    if (piece.segment.trim() !== "") {
      words.push({
        start: offsets.toCodePoints(piece.index as Utf16Units),
        end: offsets.toCodePoints((piece.index + piece.segment.length) as Utf16Units),
      });
    }
  }
  return { offsets, words };
}

/** The selection after a key was pressed; null = nothing is selected, undefined = the key is not the text's. */
export function moved(
  { words, offsets }: Words,
  selection: Range | null,
  press: { key: string; shiftKey: boolean; altKey: boolean },
): Range | null | undefined {
  const step = press.key === "ArrowRight" ? 1 : press.key === "ArrowLeft" ? -1 : 0;
  const [first, last] = [words[0], words.at(-1)];
  if (press.key === "Escape") {
    return null;
  }
  if (press.key === "Home" || press.key === "End") {
    return (press.key === "Home" ? first : last) ?? null;
  }
  if (step === 0 || first === undefined || last === undefined) {
    return undefined;
  }
  if (selection === null) {
    return step === 1 ? first : last;
  }
  if (press.altKey) {
    // By single characters: the end, with Shift the beginning.
    const start = press.shiftKey ? selection.start + step : selection.start;
    const end = press.shiftKey ? selection.end : selection.end + step;
    return start >= 0 && start < end && end <= offsets.length ? { start, end } : selection;
  }
  if (press.shiftKey) {
    const end =
      step === 1
        ? words.find((word) => word.end > selection.end)?.end
        : words.findLast((word) => word.end < selection.end)?.end;
    return end !== undefined && end > selection.start ? { start: selection.start, end } : selection;
  }
  const next =
    step === 1
      ? words.find((word) => word.start >= selection.end)
      : words.findLast((word) => word.end <= selection.start);
  return next ?? selection;
}

/** Whole words around a selection made with the mouse; null when it holds none. */
export function snapped({ words }: Words, { start, end }: Range): Range | null {
  const touched = words.filter((word) => word.start < end && start < word.end);
  const [first, last] = [touched[0], touched.at(-1)];
  return first && last ? { start: first.start, end: last.end } : null;
}
