/** Find labels by what is typed. */

import type { Label } from "../widget";

/** The labels that fit: first those that begin so, then those with a word that does, then those that hold it anywhere. */
export function found(labels: readonly Label[], typed: string): Label[] {
  const wanted = plain(typed);
  if (wanted === "") {
    return [...labels];
  }
  return labels
    .map((label) => ({ label, rank: rankOf(label, wanted) }))
    .filter(({ rank }) => rank < 4)
    .sort((a, b) => a.rank - b.rank)
    .map(({ label }) => label);
}

function rankOf({ title, value, description }: Label, wanted: string): number {
  const name = plain(title);
  if (name.startsWith(wanted)) {
    return 0;
  }
  if (name.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) {
    return 1;
  }
  if (name.includes(wanted) || plain(value).includes(wanted)) {
    return 2;
  }
  return plain(description).includes(wanted) ? 3 : 4;
}

/** Without case and accents: "Zoë" is found by "zoe". */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();
}
