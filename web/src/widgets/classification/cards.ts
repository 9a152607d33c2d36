/** One label at a time, to accept or reject. Pure. */

import { t } from "../../words/words";
import type { KeyBinding } from "../widget";
import { labelsOf } from "../widget";
import type { Action, Rejected, Settings, Value } from "./value";

export function isCard({ display }: Settings): boolean {
  return display === "cards";
}

export function isRejected(value: Value): value is Rejected {
  return typeof value === "object" && value !== null;
}

/** The label that the card asks about. Without a suggestion in view a choice of two is asked by its first label, on
 * every item the same; of several labels none can be asked about without suggesting it, so all are shown. */
export function askedOf(settings: Settings, suggestion: unknown): string | null {
  const values = labelsOf(settings).map(({ value }) => value);
  const suggested = values.find((value) => value === suggestion);
  return suggested ?? (values.length === 2 ? (values[0] ?? null) : null);
}

/** What is left once a label is rejected. */
export function othersOf(settings: Settings, rejected: string): string[] {
  return labelsOf(settings)
    .map(({ value }) => value)
    .filter((value) => value !== rejected);
}

export function accepted(value: Value, settings: Settings, suggestion: unknown): Value {
  return askedOf(settings, suggestion) ?? value;
}

/** Of two labels the other one is right; of more, which one has to be said. */
export function rejected(value: Value, settings: Settings, suggestion: unknown): Value {
  const asked = askedOf(settings, suggestion);
  if (asked === null) {
    return value;
  }
  const [only, ...more] = othersOf(settings, asked);
  return only !== undefined && more.length === 0 ? only : { not: asked };
}

export function rejectKey(): KeyBinding<Action> {
  return { action: { reject: true }, label: t("reject the label on the card"), preferred: "KeyX" };
}
