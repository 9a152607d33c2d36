/** Choose any number of labels. "None" is an answer of its own, so that forgetting is not mistaken for it. */

import { t } from "../../words/words";
import { findKey, isSearched } from "../choosing/isSearched";
import type { Asked, KeyBinding, Reason } from "../widget";
import { labelsOf } from "../widget";
import { chosenIn, decide, isCards, isDeck, noneOf, openCards, toggled } from "./deck";
import type { Action, Settings, Value } from "./value";

export type { Action, Settings, Value };

export function initial(settings: Settings, suggestion: Value): Value {
  return Array.isArray(suggestion) ? inOrder(settings, new Set(suggestion)) : null;
}

export function reduce(value: Value, action: Action, settings: Settings, asked: Asked | null = null): Value {
  if ("accept" in action || "reject" in action) {
    return isCards(settings) ? decide(value, "accept" in action, settings, asked) : value;
  }
  if (isCards(settings) && !("find" in action)) {
    return "none" in action ? noneOf(value, settings, asked) : toggled(value, action.toggle, settings, asked);
  }
  if (isDeck(value)) {
    return value;
  }
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

export function problems(value: Value, settings: Settings): Reason[] {
  if (isCards(settings) && (value === null || isDeck(value))) {
    const n = value === null ? null : openCards(value).length;
    return n === 0 ? [] : [{ text: n === null ? t("Decide about each card.") : cardsLeft(n) }];
  }
  return value === null ? [{ text: t("Choose all that apply, or “none of these”.") }] : [];
}

function cardsLeft(n: number): string {
  return n === 1
    ? t("Decide about each card: 1 is left.")
    : t("Decide about each card: {{n}} are left.", { n });
}

/** What is sent: the labels, in the schema's order. */
export function submitted(value: Value, settings: Settings): unknown {
  return isDeck(value) ? inOrder(settings, chosenIn(value)) : value;
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  const none: KeyBinding<Action> = { action: { none: true }, label: t("none of these") };
  const labels: KeyBinding<Action>[] = isSearched(settings)
    ? [findKey()]
    : labelsOf(settings).map(({ value, title }) => ({ action: { toggle: value }, label: title }));
  if (!isCards(settings)) {
    return [...labels, none];
  }
  const reject = { action: { reject: true as const }, label: t("reject the label on the card") };
  return [...labels, none, { ...reject, preferred: "KeyX" }];
}

export function describe(stated: Value, settings: Settings): string {
  const value = isDeck(stated) ? inOrder(settings, chosenIn(stated)) : stated;
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
