/** Give every answer of every question a key of its own. */

import { RESERVED } from "./commands";
import { ROWS } from "./layout";

/** For each question the code of each of its answers; null where the keyboard is full. */
export type Allotment = readonly (readonly (string | null)[])[];

/** counts: how many answers each question has.
 *
 * Question i takes row i. What does not fit moves to the keys that nobody claimed as a first choice, so that a long
 * question never pushes another off its row.
 */
export function allocate(counts: readonly number[]): Allotment {
  const rows = ROWS.map((row) => row.filter((code) => !RESERVED.has(code)));
  const own = counts.map((count, question) => (rows[question] ?? []).slice(0, count));
  const taken = new Set(own.flat());
  const spare = rows.flat().filter((code) => !taken.has(code));
  return counts.map((count, question) => {
    const first = own[question] ?? [];
    const more = Array.from({ length: count - first.length }, () => spare.shift() ?? null);
    return [...first, ...more];
  });
}
