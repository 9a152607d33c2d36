/** Write a text, or set one right. */

import type { Item } from "../../api/types";
import { t } from "../../words/words";
import type { Asked, KeyBinding, Reason } from "../widget";

export interface Settings {
  max_length?: number;
  whitespace?: "trim" | "keep" | "collapse";
  allow_empty?: boolean;
  /** The field whose text is to be corrected. */
  correct?: string;
}
export type Value = string | null;
export type Action =
  | { write: string }
  | { leaveEmpty: true }
  /** The text is right as it stands. */
  | { keep: true }
  /** Back to the text as it was, with nothing said of it yet. */
  | { anew: true };

export function initial(_settings: Settings, suggestion: Value): Value {
  return typeof suggestion === "string" ? suggestion : null;
}

export function reduce(
  value: Value,
  action: Action,
  settings: Settings = {},
  asked: Asked | null = null,
): Value {
  if ("keep" in action) {
    return (asked && sourceOf(settings, asked.item)) ?? value;
  }
  if ("anew" in action) {
    return null;
  }
  return "write" in action ? action.write : "";
}

/** The text to be corrected; null where there is none. */
export function sourceOf(settings: Settings, item: Item): string | null {
  const source = settings.correct === undefined ? undefined : item.content[settings.correct];
  return typeof source === "string" ? source : null;
}

/** The text to be corrected stands in the field it is corrected in. */
export function draws(settings: Settings, item: Item): string | null {
  return sourceOf(settings, item) === null ? null : (settings.correct ?? null);
}

export function problems(value: Value, settings: Settings): Reason[] {
  const text = settings.whitespace === "keep" ? value : (value?.trim() ?? null);
  if (value === null && settings.correct !== undefined) {
    return [{ text: t("Correct the text, or say that it is right as it stands.") }];
  }
  if (text === null || (text === "" && !settings.allow_empty)) {
    return [
      {
        text: settings.allow_empty
          ? t("Write something, or say that it stays empty.")
          : t("Write something."),
      },
    ];
  }
  const most = settings.max_length ?? 10_000;
  const length = [...text].length;
  return length > most
    ? [{ text: t("The text has {{length}} characters; the most is {{most}}.", { length, most }) }]
    : isWhole(text)
      ? []
      : [{ text: t("The text holds half a character; delete it.") }];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return [
    ...(settings.correct === undefined
      ? []
      : [
          { action: { keep: true } as const, label: t("right as it stands") },
          { action: { anew: true } as const, label: t("back to the text as it was") },
        ]),
    ...(settings.allow_empty ? [{ action: { leaveEmpty: true } as const, label: t("it stays empty") }] : []),
  ];
}

export function describe(value: Value): string {
  const line = (value ?? "–").replace(/\s+/g, " ");
  return line === "" ? t("empty") : [...line].length > 60 ? `${[...line].slice(0, 59).join("")}…` : line;
}

function isWhole(text: string): boolean {
  return [...text].every((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0xd800 || code > 0xdfff;
  });
}
