/** Choose exactly one label. */

import { findKey, isSearched } from "../choosing/isSearched";
import type { KeyBinding, Label, Reason } from "../widget";
import { labelsOf } from "../widget";

export interface Settings {
  labels: Partial<Label>[];
  display?: "list" | "search" | "cards";
}
export type Value = string | null;
export type Action = { choose: string } | { find: true };

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion !== null && has(settings, suggestion) ? suggestion : null;
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  return "choose" in action && has(settings, action.choose) ? action.choose : value;
}

export function problems(value: Value): Reason[] {
  return value === null ? [{ text: "Choose one answer." }] : [];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  if (isSearched(settings)) {
    return [findKey()];
  }
  return labelsOf(settings).map(({ value, title }) => ({ action: { choose: value }, label: title }));
}

export function describe(value: Value, settings: Settings): string {
  return labelsOf(settings).find((label) => label.value === value)?.title ?? String(value ?? "–");
}

function has(settings: Settings, value: string): boolean {
  return labelsOf(settings).some((label) => label.value === value);
}
