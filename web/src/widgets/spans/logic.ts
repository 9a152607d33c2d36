/** Mark places of a text, each with a label. */

import type { Item } from "../../api/types";
import { t } from "../../words/words";
import { markKeys } from "../marking/markKeys";
import {
  fieldOf,
  type MarkAction,
  type Marked,
  type MarkSettings,
  readSpans,
  type Span,
  sent,
  UNMARKED,
} from "../marking/marks";
import { reduceMarks } from "../marking/reduceMarks";
import type { Asked, KeyBinding, Reason } from "../widget";
import { labelsOf } from "../widget";

export type Settings = MarkSettings;
/** An answer as it is sent, or one in the making. */
export type Value = readonly Span[] | Marked | null;
export type Action = MarkAction;

export function markedOf(value: Value, settings: Settings): Marked {
  if (value === null) {
    return UNMARKED;
  }
  return "spans" in value ? value : { spans: readSpans(value, settings), selection: null, isAnswered: true };
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion === null ? null : markedOf(suggestion, settings);
}

export function reduce(value: Value, action: Action, settings: Settings, asked: Asked | null = null): Value {
  return reduceMarks(markedOf(value, settings), action, settings, asked);
}

export function problems(value: Value, settings: Settings): Reason[] {
  return markedOf(value, settings).isAnswered
    ? []
    : [{ text: t("Mark what applies, or say that there is nothing to mark.") }];
}

export function submitted(value: Value, settings: Settings): unknown {
  return markedOf(value, settings).spans.map(sent);
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return markKeys(settings);
}

export function describe(value: Value, settings: Settings): string {
  const { spans } = markedOf(value, settings);
  const titles = new Map(labelsOf(settings).map((label) => [label.value, label.title]));
  const used = [...new Set(spans.map((span) => titles.get(span.label) ?? span.label))];
  return spans.length === 0
    ? t("nothing marked")
    : t("{{count}} marked: {{labels}}", { count: spans.length, labels: used.join(", ") });
}

export function draws(settings: Settings, item: Item, place: number): string | null {
  return place === 0 ? fieldOf(settings, item) : null;
}
