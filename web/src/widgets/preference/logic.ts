/** Say which of two is better, by how much and by which criteria if that is asked. */

import { t } from "../../words/words";
import type { KeyBinding, Label, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Settings {
  labels?: readonly StatedLabel[];
  tie?: string;
  strengths?: readonly string[];
  criteria?: readonly StatedLabel[];
}
export interface Graded {
  choice: string;
  strength: string | null;
}
/** The side's label alone, or with its strength where that is asked. */
export type Answer = string | Graded;
export type ByCriterion = Readonly<Record<string, Answer>>;
/** Of several criteria, those answered so far; null before the first. */
export type Value = Answer | ByCriterion | null;
/** of: the criterion; without it the next one that has no answer, so that few keys do for many. */
export type Action = { prefer: Graded; of?: string } | { anew: true };

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

export function criteriaOf({ criteria = [] }: Settings): Label[] {
  return labelsOf({ labels: criteria });
}

/** The answers of a value, by criterion. */
export function givenOf(value: Value): ByCriterion {
  return value !== null && typeof value === "object" && !("choice" in value) ? value : {};
}

/** The criterion that the keys answer now; null when all are answered. */
export function nextOf(value: Value, settings: Settings): string | null {
  const given = givenOf(value);
  return criteriaOf(settings).find((one) => !Object.hasOwn(given, one.value))?.value ?? null;
}

export function isSame(value: unknown, degree: Graded): boolean {
  const given = typeof value === "string" ? { choice: value, strength: null } : (value as Graded | null);
  return given?.choice === degree.choice && given.strength === degree.strength;
}

export function initial(settings: Settings, suggestion: Value): Value {
  const isKnown = (one: unknown) => scaleOf(settings).some((degree) => isSame(one, degree));
  const criteria = criteriaOf(settings);
  if (criteria.length === 0) {
    return isKnown(suggestion) ? suggestion : null;
  }
  const given = Object.entries(givenOf(suggestion)).filter(
    ([name, one]) => criteria.some((criterion) => criterion.value === name) && isKnown(one),
  );
  return given.length > 0 ? Object.fromEntries(given) : null;
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  if ("anew" in action) {
    return null;
  }
  const { prefer } = action;
  if (!scaleOf(settings).some((degree) => isSame(prefer, degree))) {
    return value;
  }
  const isGraded = (settings.strengths ?? []).length > 0;
  const answer = isGraded ? { choice: prefer.choice, strength: prefer.strength } : prefer.choice;
  const criteria = criteriaOf(settings);
  if (criteria.length === 0) {
    return answer;
  }
  const of = action.of ?? nextOf(value, settings);
  return criteria.some((one) => one.value === of) && of !== null
    ? { ...givenOf(value), [of]: answer }
    : value;
}

export function problems(value: Value, settings: Settings): Reason[] {
  const criteria = criteriaOf(settings);
  if (criteria.length === 0) {
    return value === null ? [{ text: t("Say which is better.") }] : [];
  }
  const given = givenOf(value);
  const missing = criteria.filter((one) => !Object.hasOwn(given, one.value)).map((one) => one.title);
  return missing.length > 0
    ? [{ text: t("Say which is better, still by: {{criteria}}.", { criteria: missing.join(", ") }) }]
    : [];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  const scale = scaleOf(settings).map(({ choice, strength, title }) => ({
    action: { prefer: { choice, strength } },
    label: title,
  }));
  return criteriaOf(settings).length === 0
    ? scale
    : [...scale, { action: { anew: true }, label: t("begin the criteria anew") }];
}

export function describe(value: Value, settings: Settings): string {
  const scale = scaleOf(settings);
  const said = (one: unknown) => scale.find((degree) => isSame(one, degree))?.title ?? "–";
  const given = givenOf(value);
  const criteria = criteriaOf(settings);
  return criteria.length === 0
    ? said(value)
    : criteria.map((one) => `${one.title}: ${said(given[one.value] ?? null)}`).join(", ");
}
