/** Write a text. */

import type { KeyBinding, Reason } from "../widget";

export interface Settings {
  max_length?: number;
  whitespace?: "trim" | "keep" | "collapse";
  allow_empty?: boolean;
}
export type Value = string | null;
export type Action = { write: string } | { leaveEmpty: true };

export function initial(_settings: Settings, suggestion: Value): Value {
  return typeof suggestion === "string" ? suggestion : null;
}

export function reduce(_value: Value, action: Action): Value {
  return "write" in action ? action.write : "";
}

export function problems(value: Value, settings: Settings): Reason[] {
  const text = settings.whitespace === "keep" ? value : (value?.trim() ?? null);
  if (text === null || (text === "" && !settings.allow_empty)) {
    return [
      { text: settings.allow_empty ? "Write something, or say that it stays empty." : "Write something." },
    ];
  }
  const most = settings.max_length ?? 10_000;
  const length = [...text].length;
  return length > most
    ? [{ text: `The text has ${length} characters; the most is ${most}.` }]
    : isWhole(text)
      ? []
      : [{ text: "The text holds half a character; delete it." }];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return settings.allow_empty ? [{ action: { leaveEmpty: true }, label: "it stays empty" }] : [];
}

export function describe(value: Value): string {
  const line = (value ?? "–").replace(/\s+/g, " ");
  return line === "" ? "empty" : [...line].length > 60 ? `${[...line].slice(0, 59).join("")}…` : line;
}

function isWhole(text: string): boolean {
  return [...text].every((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0xd800 || code > 0xdfff;
  });
}
