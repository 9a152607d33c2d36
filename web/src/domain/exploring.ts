/** The filter of the items page: what stands in its address, and what of it the server is asked. */

import type { Question } from "../api/types";
import { labelsOf } from "../widgets/widget";

export const CONDITIONS = [
  "question",
  "text",
  "status",
  "predicted",
  "label",
  "answer",
  "annotator",
  "least",
  "most",
  "noted",
  "differing",
  "waiting",
  "route",
  "since",
  "until",
  "field",
  "value",
] as const;
export type Condition = (typeof CONDITIONS)[number];
export type Filter = Readonly<Partial<Record<Condition, string>>>;

/** Those that most people never need stand behind a button. */
export const RARE: readonly Condition[] = [
  "answer",
  "annotator",
  "least",
  "most",
  "differing",
  "waiting",
  "route",
  "since",
  "until",
  "field",
  "value",
];

export function filterOf(search: string): Filter {
  const given = new URLSearchParams(search);
  return Object.fromEntries(
    CONDITIONS.map((name) => [name, given.get(name) ?? ""] as const).filter(([, value]) => value !== ""),
  );
}

/** The address of a filter; unknown words of the old address go. */
export function searchOf(filter: Filter, more: Readonly<Record<string, string>> = {}): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of CONDITIONS) {
    const value = filter[name]?.trim();
    if (value) {
      search.set(name, value);
    }
  }
  for (const [name, value] of Object.entries(more)) {
    search.set(name, value);
  }
  return search;
}

/** What the server is asked: percent become shares, a day ends when the next begins. */
export function askedOf(filter: Filter, more: Readonly<Record<string, string>> = {}): URLSearchParams {
  const asked = searchOf(filter, more);
  for (const name of ["least", "most"] as const) {
    const percent = Number(filter[name]);
    if (filter[name] !== undefined && Number.isFinite(percent) && percent >= 0 && percent <= 100) {
      asked.set(name, String(percent / 100));
    } else {
      asked.delete(name);
    }
  }
  if (filter.until !== undefined) {
    const day = new Date(`${filter.until}T00:00:00Z`);
    if (Number.isNaN(day.getTime())) {
      asked.delete("until");
    } else {
      day.setUTCDate(day.getUTCDate() + 1);
      asked.set("until", day.toISOString().slice(0, 10));
    }
  }
  return asked;
}

/** The labels of a question to choose from, as JSON text; empty where options differ from item to item. */
export function labelChoices(question: Question | undefined): { value: string; label: string }[] {
  const settings = (question?.settings ?? {}) as Parameters<typeof labelsOf>[0];
  return Array.isArray(settings.labels)
    ? labelsOf(settings).map(({ value, title }) => ({ value: JSON.stringify(value), label: title }))
    : [];
}
