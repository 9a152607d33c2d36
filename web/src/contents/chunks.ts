/** Cut a long text into pieces that a browser can skip while they are out of sight. */

const PIECE = 8_000;

/** The pieces joined are the text. Cuts at line ends where it can, else at blanks, never inside a character. */
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
  for (const mark of ["\n", " "]) {
    const found = text.lastIndexOf(mark, wanted);
    if (found > from + (wanted - from) / 2) {
      return found + 1;
    }
  }
  const code = text.charCodeAt(wanted);
  const isLowSurrogate = code >= 0xdc00 && code <= 0xdfff;
  return isLowSurrogate ? wanted - 1 : wanted;
}
