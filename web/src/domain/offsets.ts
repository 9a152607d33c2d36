/** Places in a text: labels count code points, JavaScript UTF-16 units.
 *
 * Only this file and the server's `domain/offsets.py` convert, and one fixture is tested on both sides.
 */

export type CodePoints = number & { readonly __unit: "code points" };
export type Utf16Units = number & { readonly __unit: "UTF-16 units" };

export interface Offsets {
  /** How many code points the text has. */
  readonly length: CodePoints;
  /** A place beyond the text is its end. */
  toUnits(place: CodePoints): Utf16Units;
  /** A place inside a character belongs to its beginning. */
  toCodePoints(place: Utf16Units): CodePoints;
}

/** Read a text once; a megabyte takes a few milliseconds. */
export function offsetsOf(text: string): Offsets {
  /** Where the characters of two units begin, in units and in code points: only they shift a place. */
  const wideUnits: number[] = [];
  const widePoints: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const isHigh = (text.charCodeAt(at) & 0xfc00) === 0xd800;
    if (isHigh && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      widePoints.push(at - wideUnits.length);
      wideUnits.push(at);
      at++;
    }
  }
  const length = text.length - wideUnits.length;
  return {
    length: length as CodePoints,
    toUnits(place) {
      const within = Math.max(0, Math.min(place, length));
      return (within + countBelow(widePoints, within)) as Utf16Units;
    },
    toCodePoints(place) {
      const within = Math.max(0, Math.min(place, text.length));
      return (within - countBelow(wideUnits, within)) as CodePoints;
    },
  };
}

/** How many of the ascending numbers are less than a limit. */
export function countBelow(ascending: ArrayLike<number>, limit: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < limit) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
