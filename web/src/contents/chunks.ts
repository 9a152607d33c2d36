/** Cut a long text into pieces that a browser can skip while they are out of sight. */

const PIECE = 8_000;

/** The pieces joined are the text. Cuts at line ends where it can, else at blanks, never inside what reads as one character. */
export function chunksOf(text: string, size: number = PIECE): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (text.length - from > size * 1.5) {
    const to = cut(text, from, from + size);
    pieces.push(text.slice(from, to));
    from = to;
  }
  pieces.push(text.slice(from));
  return pieces;
}

function cut(text: string, from: number, wanted: number): number {
  const earliest = from + ((wanted - from) >> 1);
  const near = text.slice(earliest, wanted);
  for (const mark of ["\n", " ", "。", "、"]) {
    const found = near.lastIndexOf(mark);
    if (found >= 0) {
      return earliest + found + 1;
    }
  }
  return beginningOf(text, wanted);
}

/** How far back a character of many parts (a family, a flag, stacked accents) may begin. */
const LONGEST_CHARACTER = 64;

/** The beginning of what reads as one character at a place: an emoji of several people, a letter with its accents. */
function beginningOf(text: string, place: number): number {
  const window = text.slice(place - LONGEST_CHARACTER, place + LONGEST_CHARACTER);
  let last = 0;
  for (const { index } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(window)) {
    if (index > LONGEST_CHARACTER) {
      break;
    }
    last = index;
  }
  return last === 0 ? wholeAt(text, place) : place - LONGEST_CHARACTER + last;
}

function wholeAt(text: string, place: number): number {
  const code = text.charCodeAt(place);
  return code >= 0xdc00 && code <= 0xdfff ? place - 1 : place;
}
