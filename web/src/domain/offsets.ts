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

export function offsetsOf(text: string): Offsets {
  /** The place in units of every code point, and of the end. */
  const units: number[] = [];
  let at = 0;
  for (const character of text) {
    units.push(at);
    at += character.length;
  }
  units.push(at);
  const last = units.length - 1;
  return {
    length: last as CodePoints,
    toUnits: (place) => (units[Math.max(0, Math.min(place, last))] ?? 0) as Utf16Units,
    toCodePoints(place) {
      let [low, high] = [0, last];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((units[middle] ?? 0) <= place) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return low as CodePoints;
    },
  };
}
