/** Spans of a text in the making: what is marked, and what is selected. Places count code points, as answers do. */

import type { Item } from "../../api/types";
import type { Asked, StatedLabel } from "../widget";
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
  shares,
  withoutRange,
  withRange,
} from "./pieces";
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
  | { walk: 1 | -1 }
  /** The next label begins a mark of its own. */
  | { fresh: true };

export const UNMARKED: Marked = { spans: [], selection: null, isAnswered: false };

/** More labels than this are found by typing, and the first few alone have keys. */
export const MANY_LABELS = 20;

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

export function clash(a: Place, b: Place, overlap: "any" | "nested" | "none"): boolean {
  return overlap !== "any" && shares(a, b) && (overlap === "none" || !(liesIn(a, b) || liesIn(b, a)));
}

/** The field whose text is marked: the one the settings name, else the only text there is; null when neither. */
export function fieldOf(settings: { field?: string }, item: Item): string | null {
  const texts = Object.entries(item.content).filter(([, value]) => typeof value === "string");
  if (settings.field !== undefined) {
    return texts.some(([name]) => name === settings.field) ? settings.field : null;
  }
  return texts.length === 1 ? (texts[0]?.[0] ?? null) : null;
}

export function textOf(settings: MarkSettings, item: Item): string | null {
  const field = fieldOf(settings, item);
  return field === null ? null : String(item.content[field]);
}

export function withSpans(marked: Marked, spans: readonly Span[]): Marked {
  return { ...marked, spans: inOrder(spans), isAnswered: spans.length > 0 };
}
