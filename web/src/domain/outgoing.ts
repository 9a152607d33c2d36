/** Writes on their way to the server: what they are, and how long to wait before sending one again. */

import type { Answers } from "../api/types";

interface Written {
  /** The idempotency key: however often it is sent, it happens once. */
  key: string;
  /** Orders writes, also across a reload. */
  place: number;
}

export type Outgoing =
  | (Written & {
      kind: "submit";
      lease: string;
      answers: Answers;
      seconds: number;
      preview: string;
      /** Why the model's label is wrong, where it is judged. Absent in what an older page left. */
      reason?: string;
    })
  | (Written & { kind: "skip"; lease: string; reason: string; preview: string })
  /** Takes back the submission sent under the key `of`; its number is known once that one is acknowledged. */
  | (Written & { kind: "retract"; of: string; submission: string | null });

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Milliseconds before attempt n + 1, after n ≥ 1 failed ones: doubling, with half of it random. */
export function backoffMs(attempts: number, random: () => number, retryAfterSeconds: number | null): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempts - 1));
  const jittered = ceiling / 2 + (ceiling / 2) * random();
  return Math.max(jittered, (retryAfterSeconds ?? 0) * 1000);
}
