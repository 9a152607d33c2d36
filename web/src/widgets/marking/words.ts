/** The words and characters of a text, which a selection goes by. Places count code points. */

import { chunksOf } from "../../contents/chunks";
import { type CodePoints, countBelow, type Offsets, offsetsOf, type Utf16Units } from "../../domain/offsets";
import { type Place, piecesOf, type Range } from "./pieces";

/** A part of the text that is drawn by itself. */
export interface Piece extends Range {
  /** Where it begins, in units of the whole text. */
  at: Utf16Units;
  text: string;
}

/** A part of a piece between two blanks, whose words are looked for together. */
interface Run extends Range {
  words(): readonly Range[];
}

/** A text to move in. Words are looked for run by run, where they are asked for: a megabyte is never read whole. */
export interface Words {
  text: string;
  offsets: Offsets;
  pieces: readonly Piece[];
  /** The number of the piece that a place is in. */
  pieceAt(place: number): number;
  runsIn(piece: number): readonly Run[];
  /** The words of a piece; a sign by itself is one too. */
  wordsIn(piece: number): readonly Range[];
}

const PIECE_UNITS = 4_000;
const RUN_UNITS = 400;

export function wordsOf(text: string): Words {
  const offsets = offsetsOf(text);
  const pieces: Piece[] = [];
  let at = 0;
  for (const part of chunksOf(text, PIECE_UNITS)) {
    const start = offsets.toCodePoints(at as Utf16Units);
    const end = offsets.toCodePoints((at + part.length) as Utf16Units);
    pieces.push({ at: at as Utf16Units, text: part, start, end });
    at += part.length;
  }
  const starts = pieces.map((piece) => piece.start);
  const known = new Map<number, readonly Run[]>();
  function runsIn(number: number): readonly Run[] {
    const piece = pieces[number];
    const runs = known.get(number) ?? (piece === undefined ? [] : runsOf(piece, offsets));
    known.set(number, runs);
    return runs;
  }
  return {
    text,
    offsets,
    pieces,
    pieceAt: (place) => Math.max(0, countBelow(starts, place + 1) - 1),
    runsIn,
    wordsIn: (number) => runsIn(number).flatMap((run) => run.words()),
  };
}

let last: Words | null = null;

/** The words of the text at hand: asked again for the same text, they are the same. */
export function wordsAtHand(text: string): Words {
  last = last?.text === text ? last : wordsOf(text);
  return last;
}

/** The words at a place, pieces set apart by dots; of long ones the beginning. */
export function textAt({ text, offsets }: Words, place: Place, most = Number.POSITIVE_INFINITY): string {
  return piecesOf(place)
    .map(({ start, end }) => {
      const until = Math.min(end, start + most);
      return text.slice(offsets.toUnits(start as CodePoints), offsets.toUnits(until as CodePoints));
    })
    .join(" … ");
}

function runsOf(piece: Piece, offsets: Offsets): readonly Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < piece.text.length; ) {
    // No word is cut: a script without blanks has long runs.
    const blank = piece.text.slice(from + RUN_UNITS).search(/\s/u);
    const to = blank < 0 ? piece.text.length : from + RUN_UNITS + blank;
    const [text, at] = [piece.text.slice(from, to), piece.at + from];
    let found: readonly Range[] | null = null;
    runs.push({
      start: offsets.toCodePoints(at as Utf16Units),
      end: offsets.toCodePoints((at + text.length) as Utf16Units),
      words() {
        found ??= wordsOfRun(text, at, offsets);
        return found;
      },
    });
    from = to;
  }
  return runs;
}

function wordsOfRun(text: string, begins: number, offsets: Offsets): readonly Range[] {
  const words: Range[] = [];
  for (const { index, segment } of segmenter().segment(text)) {
    if (segment.trim() !== "") {
      const at = begins + index;
      words.push({
        start: offsets.toCodePoints(at as Utf16Units),
        end: offsets.toCodePoints((at + segment.length) as Utf16Units),
      });
    }
  }
  return words;
}

let bySegments: Intl.Segmenter | null = null;

/** Made once: it takes longer than to use it. */
function segmenter(): Intl.Segmenter {
  bySegments ??= new Intl.Segmenter(undefined, { granularity: "word" });
  return bySegments;
}

/** The first word from a place on that fits; it reaches beyond the place. */
export function wordAfter(words: Words, place: number, fits: (word: Range) => boolean): Range | null {
  for (let number = words.pieceAt(place); number < words.pieces.length; number++) {
    for (const run of words.runsIn(number)) {
      const found = run.end <= place ? undefined : run.words().find(fits);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return null;
}

/** The last word up to a place that fits; it begins before the place. */
export function wordBefore(words: Words, place: number, fits: (word: Range) => boolean): Range | null {
  for (let number = words.pieceAt(place); number >= 0; number--) {
    for (const run of words.runsIn(number).toReversed()) {
      const found = run.start >= place ? undefined : run.words().findLast(fits);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return null;
}

export function nextWord(words: Words, place: number): Range | null {
  return wordAfter(words, place, (word) => word.start >= place);
}

export function previousWord(words: Words, place: number): Range | null {
  return wordBefore(words, place, (word) => word.end <= place);
}

/** The word that a place is in, else the nearest behind it. */
export function wordAt(words: Words, place: number): Range | null {
  return wordAfter(words, place, (word) => word.end > place);
}

/** One more of what reads as a character: a letter with its accents, an emoji of several parts. */
export function characterStep({ text, offsets }: Words, place: number, step: 1 | -1): number {
  const at = offsets.toUnits(place as CodePoints);
  const near = step === 1 ? text.slice(at, at + LONGEST) : text.slice(Math.max(0, at - LONGEST), at);
  const characters = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(near)];
  const one = step === 1 ? characters[0] : characters.at(-1);
  return offsets.toCodePoints((at + step * (one?.segment.length ?? 0)) as Utf16Units);
}

const LONGEST = 64;

export interface Press {
  key: string;
  shiftKey: boolean;
  altKey: boolean;
}

/** The selection after a key was pressed; null = nothing is selected, undefined = the key is not the text's.
 *
 * isFine: arrows go by characters and not by words.  from: where a selection begins when there is none.
 */
export function moved(
  words: Words,
  selection: Range | null,
  press: Press,
  { isFine = false, from = 0 } = {},
): Range | null | undefined {
  const step = press.key === "ArrowRight" ? 1 : press.key === "ArrowLeft" ? -1 : 0;
  const { length } = words.offsets;
  if (press.key === "Escape") {
    return null;
  }
  if (press.key === "Home" || press.key === "End") {
    return press.key === "Home" ? nextWord(words, 0) : previousWord(words, length);
  }
  if (step === 0) {
    return undefined;
  }
  if (selection === null) {
    return step === 1 ? nextWord(words, from) : previousWord(words, from > 0 ? from : length);
  }
  if (press.altKey) {
    // By single characters: the end, with Shift the beginning.
    const start = press.shiftKey ? characterStep(words, selection.start, step) : selection.start;
    const end = press.shiftKey ? selection.end : characterStep(words, selection.end, step);
    return start < end ? { start, end } : selection;
  }
  if (press.shiftKey) {
    const end = isFine
      ? characterStep(words, selection.end, step)
      : step === 1
        ? wordAfter(words, selection.end, (word) => word.end > selection.end)?.end
        : wordBefore(words, selection.end, (word) => word.end < selection.end)?.end;
    return end !== undefined && end > selection.start ? { start: selection.start, end } : selection;
  }
  if (isFine) {
    const [near, far] = step === 1 ? [selection.end, selection.start] : [selection.start, selection.end];
    const next = characterStep(words, near, step);
    return next === near || next === far
      ? selection
      : { start: Math.min(near, next), end: Math.max(near, next) };
  }
  return (step === 1 ? nextWord(words, selection.end) : previousWord(words, selection.start)) ?? selection;
}

/** Whole words around a selection made with the mouse; null when it holds none. */
export function snapped(words: Words, { start, end }: Range): Range | null {
  const first = wordAt(words, start);
  const last = wordBefore(words, end, (word) => word.start < end);
  return first && last && first.start < end && start < last.end
    ? { start: first.start, end: last.end }
    : null;
}
