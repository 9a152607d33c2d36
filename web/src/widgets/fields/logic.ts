/** Fill in a form. "Not stated" is an answer of its own, so that forgetting is not mistaken for it. */

import { t } from "../../words/words";
import type { KeyBinding, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export type Kind = "text" | "number" | "boolean" | "choice" | "date" | "records";

export interface Field {
  name: string;
  type: Kind;
  title?: string;
  description?: string;
  required?: boolean;
  labels?: readonly StatedLabel[];
  /** Of each record. */
  fields?: readonly Field[];
}
export interface Settings {
  fields: readonly Field[];
}
export type Plain = string | number | boolean | null;
/** What was filled in of a record so far; what may be left out and is left out, is not stated. */
export type Row = Readonly<Record<string, Plain>>;
export type Fact = Plain | readonly Row[];
/** What was filled in so far; null = not stated. */
export type Value = Readonly<Record<string, Fact>> | null;
/** `to: undefined` empties a field; `at` is the place of a record in the field. */
export type Action =
  | { fill: string; to: Fact | undefined }
  | { part: string; at: number; fill: string; to: Plain | undefined }
  | { add: string }
  | { remove: string; at: number }
  | { rest: true };

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
  const name =
    "part" in action
      ? action.part
      : "add" in action
        ? action.add
        : "remove" in action
          ? action.remove
          : action.fill;
  if (!settings.fields.some((field) => field.name === name)) {
    return filled;
  }
  const rows = rowsOf(filled[name]);
  if ("add" in action) {
    filled[name] = [...rows, {}];
  } else if ("remove" in action) {
    filled[name] = rows.filter((_, place) => place !== action.at);
  } else if ("part" in action) {
    filled[name] = rows.map((row, place) =>
      place === action.at ? withPart(row, action.fill, action.to) : row,
    );
  } else if (action.to === undefined) {
    delete filled[name];
  } else {
    filled[name] = action.to;
  }
  return filled;
}

function withPart(row: Row, name: string, to: Plain | undefined): Row {
  const others = Object.fromEntries(Object.entries(row).filter(([part]) => part !== name));
  return to === undefined ? others : { ...others, [name]: to };
}

export function rowsOf(fact: Fact | undefined): readonly Row[] {
  return Array.isArray(fact) ? fact : [];
}

/** In a record, what may be left out and was left out is not stated. */
export function submitted(value: Value, settings: Settings): unknown {
  const whole = settings.fields.map((field) => {
    const fact = value?.[field.name] ?? null;
    const rows = rowsOf(fact).map((row) =>
      Object.fromEntries((field.fields ?? []).map(({ name }) => [name, row[name] ?? null])),
    );
    return [field.name, Array.isArray(fact) ? rows : fact];
  });
  return Object.fromEntries(whole);
}

export function problems(value: Value, settings: Settings): Reason[] {
  return settings.fields.flatMap((field) => {
    const own = problemOf(field, value?.[field.name]);
    const inside = rowsOf(value?.[field.name]).flatMap((row, place) =>
      (field.fields ?? []).flatMap((part) => {
        const reason = partProblem(part, row[part.name]);
        return reason === null ? [] : [`${titleOf(field)} ${place + 1}, ${titleOf(part)}: ${reason}.`];
      }),
    );
    return [...(own === null ? [] : [`${titleOf(field)}: ${own}.`]), ...inside].map((text) => ({ text }));
  });
}

/** Why a field is not answered yet; of a field with records, not what is wrong inside them. */
export function problemOf(field: Field, fact: Fact | undefined): string | null {
  if (fact === undefined || (typeof fact === "string" && fact.trim() === "")) {
    if (field.type === "records") {
      return t("add what there is, or say that there is none");
    }
    return field.required ? t("fill it in") : t("fill it in, or say that it is not stated");
  }
  if (fact === null) {
    return field.required ? t("it must be filled in") : null;
  }
  return kindProblem(field, fact);
}

/** Why a field of a record is not answered yet. */
export function partProblem(part: Field, fact: Plain | undefined): string | null {
  const isEmpty = fact === undefined || fact === null || (typeof fact === "string" && fact.trim() === "");
  if (isEmpty) {
    return part.required ? t("fill it in") : null;
  }
  return kindProblem(part, fact);
}

function kindProblem(field: Field, fact: Fact): string | null {
  if (field.type === "number" && (typeof fact !== "number" || !Number.isFinite(fact))) {
    return t("write a number");
  }
  if (field.type === "date" && !(typeof fact === "string" && isDate(fact))) {
    return t("write a date as YYYY-MM-DD");
  }
  return null;
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  const chosen = settings.fields.flatMap((field): KeyBinding<Action>[] => [
    ...optionsOf(field).map(({ fact, title }) => ({
      action: { fill: field.name, to: fact },
      label: `${titleOf(field)}: ${title}`,
    })),
    ...(field.type === "records"
      ? [{ action: { add: field.name }, label: t("{{field}}: add one", { field: titleOf(field) }) }]
      : []),
  ]);
  const isOptional = settings.fields.some((field) => !field.required);
  return [
    ...chosen,
    ...(isOptional ? [{ action: { rest: true } as const, label: t("the rest is not stated") }] : []),
  ];
}

/** The answers that a field lets one choose among; none where one writes. */
export function optionsOf(field: Field): { fact: Plain; title: string }[] {
  if (field.type === "boolean") {
    return [
      { fact: true, title: t("yes") },
      { fact: false, title: t("no") },
    ];
  }
  return field.type === "choice"
    ? labelsOf({ labels: field.labels ?? [] }).map(({ value, title }) => ({ fact: value, title }))
    : [];
}

export function describe(value: Value, settings: Settings): string {
  const stated = settings.fields.filter((field) => (value?.[field.name] ?? null) !== null);
  return stated.length === 0
    ? t("nothing stated")
    : stated.map((field) => `${titleOf(field)}: ${inWords(value?.[field.name])}`).join(", ");
}

/** A fact in a few words. */
export function inWords(fact: Fact | undefined): string {
  if (Array.isArray(fact)) {
    return t("{{count}} records", { count: fact.length });
  }
  return fact === null || fact === undefined ? t("not stated") : String(fact);
}

export function titleOf(field: Field): string {
  return field.title || field.name.replaceAll("_", " ");
}

function isDate(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return day !== null && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
