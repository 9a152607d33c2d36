/** Finding one of many labels by what is typed. Pure. */

export interface Choice {
  value: string;
  title: string;
  description: string;
}

interface Folded {
  choice: Choice;
  text: string;
  words: readonly string[];
}

/** Labels made ready to be searched: once per list, not once per key. */
export type Index = readonly Folded[];

export function indexOf(choices: readonly Choice[]): Index {
  return choices.map((choice) => {
    const text = folded(choice.title);
    return { choice, text, words: text.split(/[^\p{L}\p{N}]+/u).filter(Boolean) };
  });
}

/** Without case and accents, as people type. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** What is typed finds a label by its beginning, by the beginnings of its words, by a part, by its description; each in
 * the order given. Nothing typed: what is suggested, what was used last, then all. */
export function found(index: Index, typed: string, first: readonly string[]): Choice[] {
  const wanted = folded(typed.trim());
  if (wanted === "") {
    const byValue = new Map(index.map(({ choice }) => [choice.value, choice]));
    const ahead = [...new Set(first)].flatMap((value) => byValue.get(value) ?? []);
    const set = new Set(ahead);
    return [...ahead, ...index.map(({ choice }) => choice).filter((choice) => !set.has(choice))];
  }
  const parts = wanted.split(/\s+/);
  const ranks: Choice[][] = [[], [], [], []];
  for (const one of index) {
    const rank = rankOf(one, wanted, parts);
    if (rank !== null) {
      ranks[rank]?.push(one.choice);
    }
  }
  return ranks.flat();
}

function rankOf({ choice, text, words }: Folded, wanted: string, parts: readonly string[]): number | null {
  if (text.startsWith(wanted)) {
    return 0;
  }
  if (parts.every((part) => words.some((word) => word.startsWith(part)))) {
    return 1;
  }
  if (text.includes(wanted)) {
    return 2;
  }
  return choice.description && folded(choice.description).includes(wanted) ? 3 : null;
}

const MOST_RECENT = 6;

/** Put what was chosen now before what was chosen earlier. */
export function withRecent(recent: readonly string[], value: string): string[] {
  return [value, ...recent.filter((one) => one !== value)].slice(0, MOST_RECENT);
}

export function recentIn(text: string | null): string[] {
  try {
    const read: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(read) ? read.filter((one) => typeof one === "string").slice(0, MOST_RECENT) : [];
  } catch {
    return [];
  }
}
