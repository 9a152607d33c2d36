/** Spans of a text in the making: what is marked, and what is selected. Places count code points, as answers do. */

import type { Item } from "../../api/types";
import { t } from "../../words/words";
import type { Asked, KeyBinding, StatedLabel } from "../widget";
import { labelsOf } from "../widget";
import {
  closed,
  comparePieces,
  isSamePlace,
  liesIn,
  type Place,
  piecesOf,
  placed,
  type Range,
  reaching,
  shares,
  withoutRange,
  withRange,
} from "./pieces";
import { type Walk, walked } from "./tokens";
import { textAt, wordsAtHand } from "./words";

export type { Place, Range };
export interface Span extends Place {
  label: string;
}
export interface MarkSettings {
  labels: readonly StatedLabel[];
  overlap?: "any" | "nested" | "none";
  field?: string;
  /** tokens: the selection stands on a word, a label's key marks it and goes on. */
  mode?: "select" | "tokens";
  /** A span may be of several pieces. */
  discontinuous?: boolean;
}
export interface Marked {
  spans: readonly Span[];
  selection: Place | null;
  /** Where spans may be of several pieces: the one that was made or selected last. */
  last?: Span | null;
  /** False until something was marked, or said to be nothing. */
  isAnswered: boolean;
  /** Suggestions that were declined. */
  declined?: readonly Span[];
  /** The selection goes by characters and not by words. */
  isFine?: boolean;
  /** A label is being looked for by its name. */
  isPicking?: boolean;
  /** Token by token: the next label begins a mark of its own, though the word before has the same. */
  isFresh?: boolean;
}
export type MarkAction =
  | { select: Place | null }
  | { mark: string }
  | { unmark: true }
  | { step: 1 | -1 }
  | { nothing: true }
  /** What is selected, and the marks that are exactly that, reach from here to there now. */
  | { reach: Range }
  /** What is selected, or this, becomes a piece of the mark that was made or selected last, or leaves it. */
  | { piece: Range | true }
  | { take: true }
  | { decline: true }
  | { takeAll: true }
  | { fine: true }
  | { pick: boolean }
  | Walk;

export const UNMARKED: Marked = { spans: [], selection: null, isAnswered: false };

/** More labels than this are found by typing, and the first few alone have keys. */
export const MANY_LABELS = 20;
const KEYED_OF_MANY = 8;

/** Read spans that came from elsewhere; those of unknown labels are left out. */
export function readSpans(stated: unknown, settings: MarkSettings): Span[] {
  const known = new Set(labelsOf(settings).map((label) => label.value));
  const isSpan = (one: unknown): one is Span =>
    typeof one === "object" &&
    one !== null &&
    Number.isInteger((one as Span).start) &&
    Number.isInteger((one as Span).end) &&
    ((one as Span).pieces === undefined || (settings.discontinuous === true && arePieces(one as Span))) &&
    known.has((one as Span).label);
  return inOrder(Array.isArray(stated) ? stated.filter(isSpan) : []);
}

function arePieces({ start, end, pieces }: Span): boolean {
  const given = Array.isArray(pieces) ? (pieces as readonly Range[]) : [];
  return (
    given.length > 1 &&
    given[0]?.start === start &&
    given.at(-1)?.end === end &&
    given.every((one, at) => one.start < one.end && (at === 0 || (given[at - 1]?.end ?? 0) < one.start))
  );
}

/** A span as it is sent. */
export function sent(span: Span): Span {
  const { start, end } = span;
  return span.pieces === undefined
    ? { start, end, label: span.label }
    : { ...placed(span), label: span.label };
}

export function inOrder<S extends Span>(spans: readonly S[]): S[] {
  return [...spans].sort(before);
}

function before(a: Span, b: Span): number {
  return (
    a.start - b.start ||
    a.end - b.end ||
    (a.label < b.label ? -1 : a.label > b.label ? 1 : 0) ||
    (a.pieces === b.pieces ? 0 : comparePieces(a, b))
  );
}

export function isSame(a: Span, b: Span): boolean {
  return a.start === b.start && a.label === b.label && isSamePlace(a, b);
}

export function isAt(span: Place, place: Place | null): boolean {
  return span.start === place?.start && isSamePlace(span, place);
}

/** One word for a span, to look it up among many. */
export function nameOf({ start, end, label, pieces }: Span): string {
  const inner = pieces === undefined ? "" : pieces.map((one) => `${one.start}-${one.end}`).join("+");
  return `${start}-${end}-${label}${inner && `-${inner}`}`;
}

const known = new WeakMap<object, { settings: MarkSettings; spans: readonly Span[] }>();

/** Read what is suggested once, however often it is asked for. */
function suggestedSpans(suggestion: unknown, settings: MarkSettings): readonly Span[] {
  if (typeof suggestion !== "object" || suggestion === null) {
    return [];
  }
  const read = known.get(suggestion);
  if (read?.settings === settings) {
    return read.spans;
  }
  const spans = readSpans(suggestion, settings);
  known.set(suggestion, { settings, spans });
  return spans;
}

/** What is suggested, and neither marked nor declined. */
export function openSuggestions(
  { spans, declined = [] }: { spans: readonly Span[]; declined?: readonly Span[] | undefined },
  suggestion: unknown,
  settings: MarkSettings,
): Span[] {
  const given = suggestedSpans(suggestion, settings);
  const refused = new Set(declined.map(nameOf));
  let at = 0;
  // Both stand in order: one walk along the two, however many they are.
  return given.filter((span) => {
    let own = spans[at];
    while (own !== undefined && before(own, span) < 0) {
      at++;
      own = spans[at];
    }
    return !(own !== undefined && isSame(own, span)) && (refused.size === 0 || !refused.has(nameOf(span)));
  });
}

export function reduceMarks(
  marked: Marked,
  action: MarkAction,
  settings: MarkSettings,
  asked: Asked | null = null,
): Marked {
  if ("select" in action) {
    const last = settings.discontinuous ? marked.spans.find((span) => isAt(span, action.select)) : undefined;
    return { ...marked, selection: action.select, ...(last && { last }) };
  }
  if ("fine" in action) {
    return { ...marked, isFine: !marked.isFine };
  }
  if ("pick" in action) {
    return { ...marked, isPicking: action.pick };
  }
  if ("nothing" in action) {
    const isNothing = marked.isAnswered && marked.spans.length === 0;
    return { ...marked, spans: [], isAnswered: !isNothing };
  }
  if ("step" in action) {
    return reduceMarks(marked, { select: neighbour(marked, action.step) }, settings, asked);
  }
  if ("take" in action || "decline" in action || "takeAll" in action) {
    const open = openSuggestions(marked, asked?.suggestion ?? null, settings);
    return "takeAll" in action ? withNew(marked, open, settings) : decided(marked, action, open, settings);
  }
  if ("walk" in action || "fresh" in action || settings.mode === "tokens") {
    const text = asked === null ? null : textOf(settings, asked.item);
    if ("reach" in action) {
      return reached(marked, action.reach, settings);
    }
    return text === null ? marked : walked(marked, action, settings, text, asked);
  }
  if ("piece" in action) {
    return pieced(marked, pieceOf(marked, action.piece, settings, asked), settings);
  }
  const { selection } = marked;
  if (selection === null || selection.start >= selection.end) {
    return marked;
  }
  if ("reach" in action) {
    return reached(marked, action.reach, settings);
  }
  if ("unmark" in action) {
    return withSpans(
      marked,
      marked.spans.filter((span) => !shares(span, selection)),
    );
  }
  if (!labelsOf(settings).some((label) => label.value === action.mark)) {
    return marked;
  }
  const span = { ...placed(selection), label: action.mark };
  if (marked.spans.some((other) => isSame(other, span))) {
    return withSpans(
      marked,
      marked.spans.filter((other) => !isSame(other, span)),
    );
  }
  return withNew(settings.discontinuous ? { ...marked, last: span } : marked, [span], settings);
}

/** The mark that another piece would belong to. */
export function growing({ spans, last }: Marked): Span | null {
  return last && spans.some((span) => isSame(span, last)) ? last : null;
}

/** What becomes of which mark by a piece; null where there is no mark, or nothing to add.
 *
 * Of pieces with nothing but blanks between them one is made.
 */
export function pieceOf(
  marked: Marked,
  piece: Range | true,
  settings: MarkSettings,
  asked: Asked | null,
): { from: Span; to: Span } | null {
  const range = piece === true ? marked.selection : piece;
  const from = settings.discontinuous ? growing(marked) : null;
  if (from === null || range === null || range.start >= range.end || liesIn(from, range)) {
    return null;
  }
  const place = piecesOf(range).reduce<Place | null>(
    (grown, one) => grown && (liesIn(range, from) ? withoutRange(grown, one) : withRange(grown, one)),
    from,
  );
  const text = asked && textOf(settings, asked.item);
  const whole = place && text ? closed(place, (gap) => textAt(wordsAtHand(text), gap).trim() === "") : place;
  return whole && { from, to: { ...placed(whole), label: from.label } };
}

function pieced(marked: Marked, change: ReturnType<typeof pieceOf>, settings: MarkSettings): Marked {
  if (change === null) {
    return marked;
  }
  const { from, to } = change;
  const spans = marked.spans.filter((span) => !isSame(span, from) && !isSame(span, to));
  return withNew({ ...marked, spans, selection: placed(to), last: to }, [to], settings);
}

/** Take or decline the suggestion that is selected and select the next; none selected: select one. */
function decided(
  marked: Marked,
  action: { take: true } | { decline: true },
  open: readonly Span[],
  settings: MarkSettings,
): Marked {
  const at = open.findIndex((span) => isAt(span, marked.selection));
  const one = open[at];
  const from = marked.selection?.start ?? 0;
  if (one === undefined) {
    const next = open.find((span) => span.start >= from) ?? open[0];
    return next === undefined ? marked : { ...marked, selection: placed(next) };
  }
  const next = open[at + 1] ?? (at > 0 ? open[0] : undefined);
  const selection = next === undefined ? marked.selection : placed(next);
  return "take" in action
    ? { ...withNew(marked, [one], settings), selection }
    : { ...marked, declined: [...(marked.declined ?? []), one], selection };
}

function reached(marked: Marked, hull: Range, settings: MarkSettings): Marked {
  if (hull.start >= hull.end) {
    return marked;
  }
  const place = marked.selection?.pieces === undefined ? hull : reaching(marked.selection, hull);
  const moving = marked.spans.filter((span) => isAt(span, marked.selection));
  const selected = { ...marked, selection: place };
  if (moving.length === 0) {
    return selected;
  }
  const others = marked.spans.filter((span) => !isAt(span, marked.selection));
  const there = new Set(others.map(nameOf));
  const arrived = moving
    .map(({ label }) => ({ ...placed(place), label }))
    .filter((span) => !there.has(nameOf(span)));
  return withNew({ ...selected, spans: others }, arrived, settings);
}

/** Add spans; what may not stand beside a new one gives way to it. */
function withNew(marked: Marked, added: readonly Span[], settings: MarkSettings): Marked {
  const overlap = settings.overlap ?? "any";
  if (overlap === "any") {
    return withSpans(marked, [...marked.spans, ...added]);
  }
  let spans = [...marked.spans];
  for (const span of added) {
    spans = [...spans.filter((other) => !clash(other, span, overlap)), span];
  }
  return withSpans(marked, spans);
}

export function clash(a: Place, b: Place, overlap: "any" | "nested" | "none"): boolean {
  return overlap !== "any" && shares(a, b) && (overlap === "none" || !(liesIn(a, b) || liesIn(b, a)));
}

export function markKeys(settings: MarkSettings): KeyBinding<MarkAction>[] {
  const labels = labelsOf(settings);
  const isMany = labels.length > MANY_LABELS;
  const isByToken = settings.mode === "tokens";
  const own: KeyBinding<MarkAction>[] = [
    { action: { unmark: true }, label: isByToken ? t("no label, go on") : t("unmark what is selected") },
    ...(isByToken
      ? [
          { action: { walk: -1 } as const, label: t("go back a word") },
          { action: { fresh: true } as const, label: t("begin a new mark") },
        ]
      : []),
    { action: { step: 1 }, label: t("select the next mark") },
    { action: { nothing: true }, label: t("nothing to mark") },
    { action: { take: true }, label: t("take the suggested mark") },
    { action: { decline: true }, label: t("decline the suggested mark") },
    { action: { takeAll: true }, label: t("take all suggested marks") },
    { action: { fine: true }, label: t("select by characters") },
    ...(settings.discontinuous
      ? [{ action: { piece: true } as const, label: t("add to the mark, or take from it") }]
      : []),
  ];
  return [
    ...(isMany ? labels.slice(0, KEYED_OF_MANY) : labels).map(({ value, title }) => ({
      action: { mark: value },
      label: t("mark as {{title}}", { title }),
    })),
    ...(isMany ? [{ action: { pick: true }, label: t("find a label by its name") }] : []),
    ...own,
  ];
}

/** The field whose text is marked: the one the settings name, else the only text there is; null when neither. */
export function fieldOf(settings: { field?: string }, item: Item): string | null {
  const texts = Object.entries(item.content).filter(([, value]) => typeof value === "string");
  if (settings.field !== undefined) {
    return texts.some(([name]) => name === settings.field) ? settings.field : null;
  }
  return texts.length === 1 ? (texts[0]?.[0] ?? null) : null;
}

function textOf(settings: MarkSettings, item: Item): string | null {
  const field = fieldOf(settings, item);
  return field === null ? null : String(item.content[field]);
}

export function withSpans(marked: Marked, spans: readonly Span[]): Marked {
  return { ...marked, spans: inOrder(spans), isAnswered: spans.length > 0 };
}

function neighbour({ spans, selection }: Marked, step: 1 | -1): Place | null {
  if (spans.length === 0) {
    return selection;
  }
  const at = spans.findIndex((span) => isAt(span, selection));
  const next = at < 0 ? behind(spans, selection, step) : (at + step + spans.length) % spans.length;
  const span = spans[next];
  return span ? placed(span) : selection;
}

/** From a selection that is no mark: to the first mark behind it, or the last before it. */
function behind(spans: readonly Span[], selection: Range | null, step: 1 | -1): number {
  if (selection === null) {
    return step === 1 ? 0 : spans.length - 1;
  }
  const found =
    step === 1
      ? spans.findIndex((span) => span.start >= selection.start)
      : spans.findLastIndex((span) => span.start <= selection.start);
  return found >= 0 ? found : step === 1 ? 0 : spans.length - 1;
}
