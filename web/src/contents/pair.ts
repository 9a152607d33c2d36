/** Two texts side by side, and where they differ. */

import { diffLines, diffWordsWithSpace } from "diff";

export interface Piece {
  text: string;
  /** Stands on this side alone. */
  differs: boolean;
}

export interface Differences {
  left: Piece[];
  right: Piece[];
}

const LONGEST_MS = 400;

/** Word by word; line by line where that takes too long. Null: the texts are too long for either. */
export function differences(left: string, right: string): Differences | null {
  const found =
    diffWordsWithSpace(left, right, { timeout: LONGEST_MS }) ??
    diffLines(left, right, { timeout: LONGEST_MS });
  if (!found) {
    return null;
  }
  const side = (skipped: "added" | "removed", kept: "added" | "removed"): Piece[] =>
    found
      .filter((change) => !change[skipped])
      .map((change) => ({ text: change.value, differs: change[kept] === true }));
  return { left: side("added", "removed"), right: side("removed", "added") };
}
