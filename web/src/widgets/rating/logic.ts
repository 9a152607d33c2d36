/** Choose a point on a scale of whole numbers. */

import type { KeyBinding, Reason } from "../widget";

export interface Settings {
  min?: number;
  max?: number;
  min_title?: string;
  max_title?: string;
}
export type Value = number | null;
export interface Action {
  rate: number;
}

export interface Point {
  value: number;
  /** What it means, at the ends of the scale. */
  meaning: string;
}

export function pointsOf({ min = 1, max = 5, min_title = "", max_title = "" }: Settings): Point[] {
  return Array.from({ length: max - min + 1 }, (_, place) => {
    const value = min + place;
    return { value, meaning: value === min ? min_title : value === max ? max_title : "" };
  });
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion !== null && has(settings, suggestion) ? suggestion : null;
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  return has(settings, action.rate) ? action.rate : value;
}

export function problems(value: Value): Reason[] {
  return value === null ? [{ text: "Choose a point on the scale." }] : [];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return pointsOf(settings).map(({ value, meaning }) => ({
    action: { rate: value },
    label: meaning ? `${value} – ${meaning}` : String(value),
  }));
}

export function describe(value: Value): string {
  return String(value ?? "–");
}

function has(settings: Settings, value: number): boolean {
  return pointsOf(settings).some((point) => point.value === value);
}
