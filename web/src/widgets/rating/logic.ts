/** Choose a point on a scale of whole numbers. */

import { t } from "../../words/words";
import type { KeyBinding, Reason } from "../widget";

export interface Settings {
  min?: number;
  max?: number;
  min_title?: string;
  max_title?: string;
  display?: "points" | "slider";
}
export type Value = number | null;
/** step: so many points on from where the slider stands. */
export type Action = { rate: number } | { step: number };

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
  if ("step" in action) {
    const { min = 1, max = 5 } = settings;
    return Math.min(max, Math.max(min, (value ?? middleOf(settings)) + action.step));
  }
  return has(settings, action.rate) ? action.rate : value;
}

export function problems(value: Value): Reason[] {
  return value === null ? [{ text: t("Choose a point on the scale.") }] : [];
}

/** Where a slider stands before anybody has moved it. */
export function middleOf({ min = 1, max = 5 }: Settings): number {
  return Math.floor((min + max) / 2);
}

/** As many points as there are digits. */
const DIGITS = 10;
const TENTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

export function keys(settings: Settings): KeyBinding<Action>[] {
  if (settings.display === "slider") {
    return sliderKeys(settings);
  }
  return pointsOf(settings).map(({ value, meaning }) => ({
    action: { rate: value },
    label: meaning ? `${value} – ${meaning}` : String(value),
  }));
}

/** A digit for each point of a short scale; of a long one for each tenth, and two keys for the points between. */
function sliderKeys(settings: Settings): KeyBinding<Action>[] {
  const { min = 1, max = 5 } = settings;
  const points = pointsOf(settings);
  const rate = (value: number): KeyBinding<Action> => ({ action: { rate: value }, label: String(value) });
  const steps: KeyBinding<Action>[] = [
    { action: { step: -1 }, label: t("one point less"), focuses: "slider", preferred: "Minus" },
    { action: { step: 1 }, label: t("one point more"), focuses: "slider", preferred: "Equal" },
  ];
  if (points.length <= DIGITS) {
    return [...points.map(({ value }) => rate(value)), ...steps];
  }
  const tenths = TENTHS.map((tenth) => rate(min + Math.round(((max - min) * tenth) / 10)));
  return [...tenths, rate(min), ...steps, rate(max)];
}

export function describe(value: Value): string {
  return String(value ?? "–");
}

function has(settings: Settings, value: number): boolean {
  return pointsOf(settings).some((point) => point.value === value);
}
