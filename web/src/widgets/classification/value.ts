/** What a choice of one label is made of. */

import type { Label } from "../widget";

export interface Settings {
  labels: Partial<Label>[];
  display?: "list" | "search" | "cards";
}
/** A label that was rejected, while the right one is not said yet. */
export interface Rejected {
  not: string;
}
/** A card that was rejected waits for the right label. */
export type Value = string | Rejected | null;
export type Action = { choose: string } | { find: true } | { accept: true } | { reject: true };
