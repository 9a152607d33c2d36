/** Mark places of a text and say how they relate: take a mark as head, select another, press a type; or by their numbers. */

import type { Item } from "../../api/types";
import { t } from "../../words/words";
import { found } from "../marking/find";
import { markKeys } from "../marking/markKeys";
import {
  fieldOf,
  isAt,
  isSame,
  type MarkAction,
  type Marked,
  type MarkSettings,
  nameOf,
  pieceOf,
  readSpans,
  type Span,
  sent,
  UNMARKED,
} from "../marking/marks";
import { placed, reaching } from "../marking/pieces";
import { reduceMarks } from "../marking/reduceMarks";
import type { Asked, KeyBinding, Label, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Settings extends MarkSettings {
  types: readonly StatedLabel[];
  /** By type: which labels its head and its tail may have; absent = any. */
  between?: Readonly<Record<string, { head?: readonly string[]; tail?: readonly string[] }>>;
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
  /** Relations that were taken back: they are suggested no more. */
  declined?: readonly Arc[];
  /** Two marks are being named by their numbers. */
  isLinking?: boolean;
}
export type Value = Sent | Draft | null;
export type Action =
  | MarkAction
  | { takeHead: true }
  | { relate: string }
  | { drop: Arc }
  | { link: boolean }
  /** A line was pulled from one mark to another: related at once where only one type fits. */
  | { pull: { head: Span; tail: Span } }
  | { join: Arc };

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
    return {
      ...draft,
      arcs: draft.arcs.filter((arc) => !isSameArc(arc, action.drop)),
      declined: [...(draft.declined ?? []), action.drop],
    };
  }
  if ("link" in action) {
    return { ...draft, isLinking: action.link };
  }
  if ("pull" in action) {
    const { head, tail } = action.pull;
    const types = typesBetween(head, tail, settings);
    const [only] = types;
    const pulled = {
      ...draft,
      head,
      marked: { ...draft.marked, selection: placed(tail) },
    };
    return types.length === 1 && only ? joined(pulled, { head, tail, type: only.value }, settings) : pulled;
  }
  if ("join" in action) {
    return joined(draft, action.join, settings);
  }
  if ("relate" in action) {
    const { head } = draft;
    return head === null || selected === null
      ? value
      : joined(draft, { head, tail: selected, type: action.relate }, settings);
  }
  if ("takeAll" in action) {
    const marked = reduceMarks(draft.marked, action, settings, spansOf(asked));
    const added = openArcs(draft, (asked?.suggestion ?? null) as Sent | null, settings);
    return { ...draft, marked, arcs: standing([...draft.arcs, ...added], marked.spans) };
  }
  const marked = reduceMarks(draft.marked, action, settings, spansOf(asked));
  const change = "piece" in action ? pieceOf(draft.marked, action.piece, settings, spansOf(asked)) : null;
  if ("reach" in action || change !== null) {
    const at = draft.marked.selection;
    const moved = (span: Span): Span =>
      change !== null
        ? isSame(span, change.from)
          ? change.to
          : span
        : "reach" in action && isAt(span, at)
          ? { ...reaching(span, action.reach), label: span.label }
          : span;
    const arcs = draft.arcs.map((arc) => ({ ...arc, head: moved(arc.head), tail: moved(arc.tail) }));
    return { ...draft, marked, arcs: standing(arcs, marked.spans), head: draft.head && moved(draft.head) };
  }
  const head =
    draft.head && marked.spans.some((span) => isSame(span, draft.head as Span)) ? draft.head : null;
  return { ...draft, marked, arcs: standing(draft.arcs, marked.spans), head };
}

/** What is suggested, and neither said nor taken back. */
export function openArcs(
  { arcs, declined = [] }: Draft,
  suggested: Sent | null,
  settings: Settings,
): readonly Arc[] {
  return suggested === null
    ? []
    : draftOf(suggested, settings).arcs.filter(
        (arc) => ![...arcs, ...declined].some((other) => isSameArc(arc, other)),
      );
}

/** Relate two marks; said again, the relation is taken back. */
function joined(draft: Draft, arc: Arc, settings: Settings): Draft {
  const fits = typesBetween(arc.head, arc.tail, settings).some((type) => type.value === arc.type);
  const areThere = standing([arc], draft.marked.spans).length === 1;
  if (!fits || !areThere) {
    return draft;
  }
  const others = draft.arcs.filter((other) => !isSameArc(other, arc));
  return { ...draft, arcs: others.length < draft.arcs.length ? others : [...others, arc] };
}

/** The types that may lead from one mark to another; none from a mark to itself. */
export function typesBetween(head: Span, tail: Span, settings: Settings): Label[] {
  if (isSame(head, tail)) {
    return [];
  }
  const fits = (labels: readonly string[] | undefined, span: Span) => labels?.includes(span.label) ?? true;
  return labelsOf({ labels: settings.types }).filter(({ value }) => {
    const ends = settings.between?.[value];
    return fits(ends?.head, head) && fits(ends?.tail, tail);
  });
}

/** Read "1 3 met": the numbers of two marks, and a type by the beginning of its name where several fit. */
export function readLink(typed: string, spans: readonly Span[], settings: Settings): Arc | null {
  const read = /^\s*(\d+)[\s,.>-]+(\d+)\s*(.*)$/u.exec(typed);
  const [head, tail] = [spans[Number(read?.[1]) - 1], spans[Number(read?.[2]) - 1]];
  if (!read || !head || !tail) {
    return null;
  }
  const types = found(typesBetween(head, tail, settings), read[3] ?? "");
  const type = types[0]?.value;
  return type === undefined || (types.length > 1 && (read[3] ?? "").trim() === "")
    ? null
    : { head, tail, type };
}

export function problems(value: Value, settings: Settings): Reason[] {
  return draftOf(value, settings).marked.isAnswered
    ? []
    : [{ text: t("Mark what applies, or say that there is nothing to mark.") }];
}

export function submitted(value: Value, settings: Settings): Sent {
  const { marked, arcs } = draftOf(value, settings);
  const places = new Map(arcs.length > 0 ? marked.spans.map((span, place) => [nameOf(span), place]) : []);
  const placeOf = (span: Span) => places.get(nameOf(span)) ?? -1;
  return {
    spans: marked.spans.map(sent),
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
    { action: { link: true }, label: t("relate two marks by their numbers") },
    ...marking.filter((binding) => !isLabel(binding)),
  ];
}

export function describe(value: Value, settings: Settings): string {
  const { marked, arcs } = draftOf(value, settings);
  return marked.spans.length === 0
    ? t("nothing marked")
    : t("{{count}} marked, {{related}} related", { count: marked.spans.length, related: arcs.length });
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
  return spans.find((span) => isAt(span, selection)) ?? null;
}

function standing(arcs: readonly Arc[], spans: readonly Span[]): readonly Arc[] {
  if (arcs.length === 0) {
    return arcs;
  }
  const names = new Set(spans.map(nameOf));
  const has = (span: Span) => names.has(nameOf(span));
  return arcs.filter((arc) => has(arc.head) && has(arc.tail));
}

export function isSameArc(a: Arc, b: Arc): boolean {
  return isSame(a.head, b.head) && isSame(a.tail, b.tail) && a.type === b.type;
}
