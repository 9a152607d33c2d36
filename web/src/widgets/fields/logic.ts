/** Fill in a form. "Not stated" is an answer of its own, so that forgetting is not mistaken for it. */

import type { KeyBinding, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export type Kind = "text" | "number" | "boolean" | "choice" | "date";

export interface Field {
  name: string;
  type: Kind;
  title?: string;
  description?: string;
  required?: boolean;
  labels?: readonly StatedLabel[];
}
export interface Settings {
  fields: readonly Field[];
}
export type Fact = string | number | boolean | null;
/** What was filled in so far; null = not stated. */
export type Value = Readonly<Record<string, Fact>> | null;
/** `to: undefined` empties a field. */
export type Action = { fill: string; to: Fact | undefined } | { rest: true };

export function initial(settings: Settings, suggestion: Value): Value {
  if (suggestion === null || typeof suggestion !== "object") {
    return null;
  }
  const known = settings.fields.filter((field) => field.name in suggestion);
  return Object.fromEntries(known.map((field) => [field.name, suggestion[field.name] ?? null]));
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  const filled: Record<string, Fact> = { ...value };
  if ("rest" in action) {
    for (const field of settings.fields) {
      if (!field.required && filled[field.name] === undefined) {
        filled[field.name] = null;
      }
    }
    return filled;
  }
  if (action.to === undefined) {
    delete filled[action.fill];
  } else if (settings.fields.some((field) => field.name === action.fill)) {
    filled[action.fill] = action.to;
  }
  return filled;
}

export function problems(value: Value, settings: Settings): Reason[] {
  return settings.fields.flatMap((field) => {
    const reason = problemOf(field, value?.[field.name]);
    return reason === null ? [] : [{ text: `${titleOf(field)}: ${reason}.` }];
  });
}

export function problemOf(field: Field, fact: Fact | undefined): string | null {
  if (fact === undefined || (typeof fact === "string" && fact.trim() === "")) {
    return field.required ? "fill it in" : "fill it in, or say that it is not stated";
  }
  if (fact === null) {
    return field.required ? "it must be filled in" : null;
  }
  if (field.type === "number" && (typeof fact !== "number" || !Number.isFinite(fact))) {
    return "write a number";
  }
  if (field.type === "date" && !(typeof fact === "string" && isDate(fact))) {
    return "write a date as YYYY-MM-DD";
  }
  return null;
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  const chosen = settings.fields.flatMap((field) =>
    optionsOf(field).map(({ fact, title }) => ({
      action: { fill: field.name, to: fact },
      label: `${titleOf(field)}: ${title}`,
    })),
  );
  const isOptional = settings.fields.some((field) => !field.required);
  return [
    ...chosen,
    ...(isOptional ? [{ action: { rest: true } as const, label: "the rest is not stated" }] : []),
  ];
}

/** The answers that a field lets one choose among; none where one writes. */
export function optionsOf(field: Field): { fact: Fact; title: string }[] {
  if (field.type === "boolean") {
    return [
      { fact: true, title: "yes" },
      { fact: false, title: "no" },
    ];
  }
  return field.type === "choice"
    ? labelsOf({ labels: field.labels ?? [] }).map(({ value, title }) => ({ fact: value, title }))
    : [];
}

export function describe(value: Value, settings: Settings): string {
  const stated = settings.fields.filter((field) => (value?.[field.name] ?? null) !== null);
  return stated.length === 0
    ? "nothing stated"
    : stated.map((field) => `${titleOf(field)}: ${String(value?.[field.name])}`).join(", ");
}

export function titleOf(field: Field): string {
  return field.title || field.name.replaceAll("_", " ");
}

function isDate(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return day !== null && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
