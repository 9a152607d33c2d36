/** Choose exactly one label. */

import { t } from "../../words/words";
import { findKey, isSearched } from "../choosing/isSearched";
import type { Asked, KeyBinding, Reason } from "../widget";
import { labelsOf } from "../widget";
import { accepted, isCard, isRejected, rejected, rejectKey } from "./cards";
import type { Action, Settings, Value } from "./value";

export type { Action, Settings, Value };

export function initial(settings: Settings, suggestion: Value): Value {
  return typeof suggestion === "string" && has(settings, suggestion) ? suggestion : null;
}

export function reduce(value: Value, action: Action, settings: Settings, asked: Asked | null = null): Value {
  if ("accept" in action) {
    return accepted(value, settings, asked?.suggestion);
  }
  if ("reject" in action) {
    return rejected(value, settings, asked?.suggestion);
  }
  return "choose" in action && has(settings, action.choose) ? action.choose : value;
}

export function problems(value: Value): Reason[] {
  if (isRejected(value)) {
    return [{ text: t("Choose the right answer in place of the one you rejected.") }];
  }
  return value === null ? [{ text: t("Choose one answer.") }] : [];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  const labels = isSearched(settings)
    ? [findKey()]
    : labelsOf(settings).map(({ value, title }) => ({ action: { choose: value }, label: title }));
  return isCard(settings) ? [...labels, rejectKey()] : labels;
}

export function describe(value: Value, settings: Settings): string {
  return isRejected(value)
    ? `✗ ${value.not}`
    : (labelsOf(settings).find((label) => label.value === value)?.title ?? String(value ?? "–"));
}

function has(settings: Settings, value: string): boolean {
  return labelsOf(settings).some((label) => label.value === value);
}
