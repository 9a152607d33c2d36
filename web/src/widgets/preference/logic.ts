/** Say which of two is better, and by how much if that is asked. */

import type { KeyBinding, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Settings {
  labels?: readonly StatedLabel[];
  tie?: string;
  strengths?: readonly string[];
}
export interface Graded {
  choice: string;
  strength: string | null;
}
/** The side's label alone, or with its strength where that is asked. */
export type Value = string | Graded | null;
export interface Action {
  prefer: Graded;
}

export interface Degree extends Graded {
  title: string;
}

/** Every answer there is, from the first side's strongest to the second's. */
export function scaleOf({ labels = ["A", "B"], tie, strengths = [] }: Settings): Degree[] {
  const [first, second] = labelsOf({ labels });
  const none = tie === undefined ? [] : [{ choice: tie, strength: null, title: tie }];
  if (first === undefined || second === undefined) {
    return none;
  }
  const degrees = (side: { value: string; title: string }, how: readonly (string | null)[]): Degree[] =>
    how.map((strength) => ({
      choice: side.value,
      strength,
      title: strength === null ? side.title : `${side.title} ${strength}`,
    }));
  const plain = strengths.length === 0;
  return [
    ...degrees(first, plain ? [null] : [...strengths].reverse()),
    ...none,
    ...degrees(second, plain ? [null] : strengths),
  ];
}

export function isSame(value: unknown, degree: Graded): boolean {
  const given = typeof value === "string" ? { choice: value, strength: null } : (value as Graded | null);
  return given?.choice === degree.choice && given.strength === degree.strength;
}

export function initial(settings: Settings, suggestion: Value): Value {
  return scaleOf(settings).some((degree) => isSame(suggestion, degree)) ? suggestion : null;
}

export function reduce(value: Value, { prefer }: Action, settings: Settings): Value {
  if (!scaleOf(settings).some((degree) => isSame(prefer, degree))) {
    return value;
  }
  const isGraded = (settings.strengths ?? []).length > 0;
  return isGraded ? { choice: prefer.choice, strength: prefer.strength } : prefer.choice;
}

export function problems(value: Value): Reason[] {
  return value === null ? [{ text: "Say which is better." }] : [];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return scaleOf(settings).map(({ choice, strength, title }) => ({
    action: { prefer: { choice, strength } },
    label: title,
  }));
}

export function describe(value: Value, settings: Settings): string {
  return scaleOf(settings).find((degree) => isSame(value, degree))?.title ?? "–";
}
