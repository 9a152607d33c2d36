/** Put candidates in order by naming them one after the other, the best first. */

import { t } from "../../words/words";
import type { KeyBinding, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Settings {
  labels: readonly StatedLabel[];
}
/** Those placed so far, the best first; null before the first. */
export type Value = readonly string[] | null;
export type Action = { place: string } | { move: string; by: number } | { anew: true } | { rest: true };

export function initial(settings: Settings, suggestion: Value): Value {
  return Array.isArray(suggestion) && isWhole(settings, suggestion) ? suggestion : null;
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  const order = value ?? [];
  if ("anew" in action) {
    return null;
  }
  if ("rest" in action) {
    const waiting = labelsOf(settings)
      .map((label) => label.value)
      .filter((one) => !order.includes(one));
    return [...order, ...waiting];
  }
  if ("move" in action) {
    const from = order.indexOf(action.move);
    const to = from + action.by;
    if (from < 0 || to < 0 || to >= order.length) {
      return value;
    }
    const others = order.filter((one) => one !== action.move);
    return [...others.slice(0, to), action.move, ...others.slice(to)];
  }
  if (!labelsOf(settings).some((label) => label.value === action.place)) {
    return value;
  }
  // Named again, a candidate leaves the order: the way to mend a slip.
  const next = order.includes(action.place)
    ? order.filter((one) => one !== action.place)
    : [...order, action.place];
  return next.length === 0 ? null : next;
}

export function problems(value: Value, settings: Settings): Reason[] {
  const waiting = labelsOf(settings).filter((label) => !value?.includes(label.value));
  return waiting.length > 0
    ? [
        {
          text: t("Still to be placed: {{value}}.", {
            value: waiting.map((label) => label.title).join(", "),
          }),
        },
      ]
    : [];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return [
    ...labelsOf(settings).map(({ value, title }) => ({ action: { place: value }, label: title })),
    { action: { anew: true }, label: t("begin the order anew") },
    { action: { rest: true }, label: t("place the rest as listed") },
  ];
}

export function describe(value: Value, settings: Settings): string {
  const titles = new Map(labelsOf(settings).map((label) => [label.value, label.title]));
  return value === null ? "–" : value.map((one) => titles.get(one) ?? one).join(" > ");
}

function isWhole(settings: Settings, order: readonly string[]): boolean {
  const values = labelsOf(settings).map((label) => label.value);
  return values.length === order.length && values.every((value) => order.includes(value));
}
