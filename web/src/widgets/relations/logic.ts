/** Mark places of a text and say how they relate: select one mark, take it as head, select another, press a type. */

import type { Item } from "../../api/types";
import { t } from "../../words/words";
import {
  fieldOf,
  isAt,
  isSame,
  type MarkAction,
  type Marked,
  type MarkSettings,
  markKeys,
  readSpans,
  reduceMarks,
  type Span,
  UNMARKED,
} from "../marking/marks";
import type { Asked, KeyBinding, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Settings extends MarkSettings {
  types: readonly StatedLabel[];
}
/** As it is sent: head and tail count the spans. */
export interface Sent {
  spans: readonly Span[];
  relations: readonly { head: number; tail: number; type: string }[];
}
export interface Arc {
  head: Span;
  tail: Span;
  type: string;
}
/** In the making. */
export interface Draft {
  marked: Marked;
  arcs: readonly Arc[];
  head: Span | null;
}
export type Value = Sent | Draft | null;
export type Action = MarkAction | { takeHead: true } | { relate: string } | { drop: Arc };

export function draftOf(value: Value, settings: Settings): Draft {
  if (value === null) {
    return { marked: UNMARKED, arcs: [], head: null };
  }
  if ("marked" in value) {
    return value;
  }
  const spans = readSpans(value.spans, settings);
  const types = new Set(labelsOf({ labels: settings.types }).map((type) => type.value));
  const arcs = (value.relations ?? []).flatMap(({ head, tail, type }) => {
    const [from, to] = [value.spans[head], value.spans[tail]];
    return from && to && types.has(type) ? [{ head: from, tail: to, type }] : [];
  });
  return {
    marked: { spans, selection: null, isAnswered: true },
    arcs: standing(arcs, spans),
    head: null,
  };
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion === null ? null : draftOf(suggestion, settings);
}

export function reduce(value: Value, action: Action, settings: Settings, asked: Asked | null = null): Value {
  const draft = draftOf(value, settings);
  const selected = selectedIn(draft);
  if ("takeHead" in action) {
    return { ...draft, head: selected ?? draft.head };
  }
  if ("drop" in action) {
    return { ...draft, arcs: draft.arcs.filter((arc) => !isSameArc(arc, action.drop)) };
  }
  if ("relate" in action) {
    const { head } = draft;
    const isType = labelsOf({ labels: settings.types }).some((type) => type.value === action.relate);
    if (head === null || selected === null || isSame(head, selected) || !isType) {
      return value;
    }
    const arc = { head, tail: selected, type: action.relate };
    const others = draft.arcs.filter((other) => !isSameArc(other, arc));
    // Said again, a relation is taken back.
    return { ...draft, arcs: others.length < draft.arcs.length ? others : [...others, arc] };
  }
  const marked = reduceMarks(draft.marked, action, settings, spansOf(asked));
  if ("reach" in action) {
    const at = draft.marked.selection;
    const moved = (span: Span) =>
      isAt(span, at) ? { ...span, start: action.reach.start, end: action.reach.end } : span;
    const arcs = draft.arcs.map((arc) => ({ ...arc, head: moved(arc.head), tail: moved(arc.tail) }));
    return { marked, arcs: standing(arcs, marked.spans), head: draft.head && moved(draft.head) };
  }
  const head =
    draft.head && marked.spans.some((span) => isSame(span, draft.head as Span)) ? draft.head : null;
  return { marked, arcs: standing(draft.arcs, marked.spans), head };
}

export function problems(value: Value, settings: Settings): Reason[] {
  return draftOf(value, settings).marked.isAnswered
    ? []
    : [{ text: "Mark what applies, or say that there is nothing to mark." }];
}

export function submitted(value: Value, settings: Settings): Sent {
  const { marked, arcs } = draftOf(value, settings);
  const spans = marked.spans.map(({ start, end, label }) => ({ start, end, label }));
  const placeOf = (span: Span) => spans.findIndex((other) => isSame(other, span));
  return {
    spans,
    relations: arcs.map(({ head, tail, type }) => ({ head: placeOf(head), tail: placeOf(tail), type })),
  };
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  const types = labelsOf({ labels: settings.types });
  const marking = markKeys(settings);
  const isLabel = ({ action }: KeyBinding<MarkAction>) => "mark" in action || "pick" in action;
  return [
    ...marking.filter(isLabel),
    { action: { takeHead: true }, label: t("take the selected mark as head") },
    ...types.map(({ value, title }) => ({
      action: { relate: value },
      label: t("head {{relation}} selected mark", { relation: title }),
    })),
    ...marking.filter((binding) => !isLabel(binding)),
  ];
}

export function describe(value: Value, settings: Settings): string {
  const { marked, arcs } = draftOf(value, settings);
  return marked.spans.length === 0
    ? "nothing marked"
    : `${marked.spans.length} marked, ${arcs.length} related`;
}

export function draws(settings: Settings, item: Item, place: number): string | null {
  return place === 0 ? fieldOf(settings, item) : null;
}

/** Of what is suggested, the marks: relations are taken over with all the rest, by the page's own key. */
function spansOf(asked: Asked | null): Asked | null {
  const suggested = asked?.suggestion as Sent | null | undefined;
  return asked && { item: asked.item, suggestion: suggested?.spans ?? null };
}

/** The mark that is exactly what is selected; of several labels on one place, the first. */
export function selectedIn({ marked: { spans, selection } }: Draft): Span | null {
  return spans.find((span) => span.start === selection?.start && span.end === selection.end) ?? null;
}

function standing(arcs: readonly Arc[], spans: readonly Span[]): Arc[] {
  const has = (span: Span) => spans.some((other) => isSame(other, span));
  return arcs.filter((arc) => has(arc.head) && has(arc.tail));
}

function isSameArc(a: Arc, b: Arc): boolean {
  return isSame(a.head, b.head) && isSame(a.tail, b.tail) && a.type === b.type;
}
