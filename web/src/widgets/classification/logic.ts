/** Choose exactly one label. */

import type { KeyBinding, Label, Reason } from "../widget";
import { labelsOf } from "../widget";

export interface Settings {
  labels: Partial<Label>[];
}
export type Value = string | null;
export interface Action {
  choose: string;
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion !== null && has(settings, suggestion) ? suggestion : null;
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  return has(settings, action.choose) ? action.choose : value;
}

export function problems(value: Value): Reason[] {
  return value === null ? [{ text: "Choose one answer." }] : [];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return labelsOf(settings).map(({ value, title }) => ({ action: { choose: value }, label: title }));
}

export function describe(value: Value, settings: Settings): string {
  return labelsOf(settings).find((label) => label.value === value)?.title ?? String(value ?? "–");
}

function has(settings: Settings, value: string): boolean {
  return labelsOf(settings).some((label) => label.value === value);
}
