/** When labels are found by typing rather than by a key each. */

import { t } from "../../words/words";

/** As many as a row of the keyboard has keys. */
const MOST_KEYS = 12;

interface Settings {
  labels: readonly unknown[];
  display?: string;
}

export function isSearched({ labels, display }: Settings): boolean {
  return display === "search" || (display !== "list" && labels.length > MOST_KEYS);
}

/** The key that goes to the field one types in. */
export function findKey(): { action: { find: true }; label: string; focuses: string; preferred: string } {
  return { action: { find: true }, label: t("find a label by typing"), focuses: "find", preferred: "Slash" };
}
