/** What was changed between two texts, word by word, in any script. */

import { diffArrays } from "diff";

export interface Part {
  kind: "kept" | "out" | "in";
  text: string;
}

export interface Changes {
  parts: readonly Part[];
  /** Places that were changed. */
  count: number;
}

/** Unchanged text this far around a change is shown. */
const AROUND = 60;
/** Two texts that differ in more words than this are shown as one change. */
const MOST_EDITS = 1_000;

/** Compare two texts. What is the same at both ends is never looked at word by word, so that typing stays quick. */
export function changesOf(before: string, after: string): Changes {
  if (before === after) {
    return { parts: [{ kind: "kept", text: before }], count: 0 };
  }
  const from = sameFromStart(before, after);
  const to = sameFromEnd(before, after, from);
  const parts: Part[] = [
    { kind: "kept", text: before.slice(0, from) },
    ...between(before.slice(from, before.length - to), after.slice(from, after.length - to)),
    { kind: "kept", text: before.slice(before.length - to) },
  ];
  const joined = together(parts);
  const count = joined.filter(
    ({ kind }, place) => kind !== "kept" && (place === 0 || joined[place - 1]?.kind === "kept"),
  ).length;
  return { parts: joined, count };
}

/** Long unchanged stretches cut to what stands around the changes. */
export function shortened(parts: readonly Part[]): Part[] {
  return parts.map((part, place) => {
    if (part.kind !== "kept" || part.text.length <= 2 * AROUND + 20) {
      return part;
    }
    const before = place > 0 ? wholeStart(part.text, AROUND) : "";
    const after = place < parts.length - 1 ? wholeEnd(part.text, AROUND) : "";
    return { ...part, text: `${before} … ${after}` };
  });
}

function between(before: string, after: string): Part[] {
  const found = diffArrays(wordsIn(before), wordsIn(after), { maxEditLength: MOST_EDITS });
  if (found === undefined) {
    return [
      { kind: "out", text: before },
      { kind: "in", text: after },
    ];
  }
  return found.map(({ added, removed, value }) => ({
    kind: added ? "in" : removed ? "out" : "kept",
    text: value.join(""),
  }));
}

/** Neighbours of one kind as one, empty ones left out. */
function together(parts: readonly Part[]): Part[] {
  const found: Part[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (last?.kind === part.kind) {
      found[found.length - 1] = { ...last, text: last.text + part.text };
    } else if (part.text !== "") {
      found.push(part);
    }
  }
  return found;
}

function wordsIn(text: string): string[] {
  return [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)].map((one) => one.segment);
}

/** How much is the same at the beginning, up to the end of a word. */
function sameFromStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) {
    at++;
  }
  while (at > 0 && !isBlank(a[at - 1])) {
    at--;
  }
  return at;
}

function sameFromEnd(a: string, b: string, from: number): number {
  const most = Math.min(a.length, b.length) - from;
  let count = 0;
  while (count < most && a[a.length - 1 - count] === b[b.length - 1 - count]) {
    count++;
  }
  while (count > 0 && !isBlank(a[a.length - count])) {
    count--;
  }
  return count;
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && /\s/u.test(character);
}

function wholeStart(text: string, length: number): string {
  return text.slice(0, Math.max(0, text.lastIndexOf(" ", length)) || length);
}

function wholeEnd(text: string, length: number): string {
  const at = text.indexOf(" ", text.length - length);
  return text.slice(at < 0 ? text.length - length : at + 1);
}
