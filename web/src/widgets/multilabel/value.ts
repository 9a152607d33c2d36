/** What a choice of any number of labels is made of. */

import type { Label } from "../widget";

export interface Settings {
  labels: Partial<Label>[];
  display?: "list" | "search" | "cards";
}
/** The cards, what was decided of them, and what was added beside them. */
export interface Deck {
  cards: readonly string[];
  decided: Readonly<Record<string, boolean>>;
  added: readonly string[];
  /** Every label was decided by a card, the last one just now: nothing is left to be said. */
  isThrough: boolean;
}
/** null: not answered yet. []: none applies. Always in the schema's order. A deck: cards that are being decided. */
export type Value = readonly string[] | Deck | null;
export type Action =
  | { toggle: string }
  | { none: true }
  | { find: true }
  | { accept: true }
  | { reject: true };
