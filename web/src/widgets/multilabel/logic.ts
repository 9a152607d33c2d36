/** Choose any number of labels. "None" is an answer of its own, so that forgetting is not mistaken for it. */

import { t } from "../../words/words";
import { findKey, isSearched } from "../choosing/isSearched";
import type { KeyBinding, Label, Reason } from "../widget";
import { labelsOf } from "../widget";

export interface Settings {
  labels: Partial<Label>[];
  display?: "list" | "search";
}
/** null: not answered yet. []: none applies. Always in the schema's order. */
export type Value = readonly string[] | null;
export type Action = { toggle: string } | { none: true } | { find: true };

export function initial(settings: Settings, suggestion: Value): Value {
  return Array.isArray(suggestion) ? inOrder(settings, new Set(suggestion)) : null;
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  if ("none" in action) {
    return value?.length === 0 ? null : [];
  }
  if (!("toggle" in action)) {
    return value;
  }
  const chosen = new Set(value ?? []);
  if (!chosen.delete(action.toggle)) {
    chosen.add(action.toggle);
  }
  const next = inOrder(settings, chosen);
  // Unticking the last label is a change of mind, not yet the answer "none".
  return next.length === 0 ? null : next;
}

export function problems(value: Value): Reason[] {
  return value === null ? [{ text: t("Choose all that apply, or “none of these”.") }] : [];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  if (isSearched(settings)) {
    return [findKey(), { action: { none: true }, label: t("none of these") }];
  }
  return [
    ...labelsOf(settings).map(({ value, title }) => ({ action: { toggle: value }, label: title })),
    { action: { none: true }, label: t("none of these") },
  ];
}

export function describe(value: Value, settings: Settings): string {
  if (value === null) {
    return "–";
  }
  const titles = new Map(labelsOf(settings).map((label) => [label.value, label.title]));
  return value.length === 0 ? t("none") : value.map((one) => titles.get(one) ?? one).join(", ");
}

function inOrder(settings: Settings, chosen: ReadonlySet<string>): string[] {
  return labelsOf(settings)
    .map((label) => label.value)
    .filter((value) => chosen.has(value));
}
