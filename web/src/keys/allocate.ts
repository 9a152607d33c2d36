/** Give every answer of every question a key of its own. */

import type { Chord } from "./chord";
import { RESERVED } from "./commands";
import { ROWS } from "./layout";

/** For each question the key of each of its answers; null where the keyboard is full. */
export type Allotment = readonly (readonly (Chord | null)[])[];

interface Claims {
  /** What the page's own commands have now. */
  reserved?: ReadonlySet<Chord>;
  /** What a person chose, by question and answer; null = no choice. Of two that chose the same, the first has it. */
  pinned?: Allotment;
  /** What widgets would like, where nobody chose otherwise and it is free. */
  preferred?: Allotment;
}

/** counts: how many answers each question has.
 *
 * Question i takes row i. What does not fit moves to the keys that nobody claimed as a first choice, so that a long
 * question never pushes another off its row, and a chosen key moves nobody but whoever had it.
 */
export function allocate(
  counts: readonly number[],
  { reserved = RESERVED, pinned = [], preferred = [] }: Claims = {},
): Allotment {
  // The rows are those of the first day, so that changing a command's key moves no answer.
  const rows = ROWS.map((row) => row.filter((code) => !RESERVED.has(code)));
  const first = counts.map((count, question) => (rows[question] ?? []).slice(0, count));
  const taken = new Set(reserved);
  const claim = (code: Chord | null | undefined): Chord | null => {
    if (code === null || code === undefined || taken.has(code)) {
      return null;
    }
    taken.add(code);
    return code;
  };
  const chosen = counts.map((count, question) =>
    Array.from({ length: count }, (_, place) => claim(pinned[question]?.[place])),
  );
  const liked = chosen.map((codes, question) =>
    codes.map((code, place) => code ?? claim(preferred[question]?.[place])),
  );
  const own = liked.map((codes, question) =>
    codes.map((code, place) => code ?? claim(first[question]?.[place])),
  );
  const claimed = new Set(first.flat());
  const unclaimed = rows.flat().filter((code) => !claimed.has(code));
  const spare = [...new Set([...unclaimed, ...ROWS.flat()])].filter((code) => !taken.has(code));
  return own.map((codes) => codes.map((code) => code ?? spare.shift() ?? null));
}
