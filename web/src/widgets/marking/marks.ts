/** Spans of a text in the making: what is marked, and what is selected. Places count code points, as answers do. */

import type { Item } from "../../api/types";
import type { KeyBinding, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Range {
  start: number;
  /** Behind the last character. */
  end: number;
}
export interface Span extends Range {
  label: string;
}
export interface MarkSettings {
  labels: readonly StatedLabel[];
  overlap?: "any" | "nested" | "none";
  field?: string;
}
export interface Marked {
  spans: readonly Span[];
  selection: Range | null;
  /** False until something was marked, or said to be nothing. */
  isAnswered: boolean;
}
export type MarkAction =
  | { select: Range | null }
  | { mark: string }
  | { unmark: true }
  | { step: 1 | -1 }
  | { nothing: true };

export const UNMARKED: Marked = { spans: [], selection: null, isAnswered: false };

/** Read spans that came from elsewhere; those of unknown labels are left out. */
export function readSpans(stated: unknown, settings: MarkSettings): Span[] {
  const known = new Set(labelsOf(settings).map((label) => label.value));
  const isSpan = (one: unknown): one is Span =>
    typeof one === "object" &&
    one !== null &&
    Number.isInteger((one as Span).start) &&
    Number.isInteger((one as Span).end) &&
    known.has((one as Span).label);
  return inOrder(Array.isArray(stated) ? stated.filter(isSpan) : []);
}

export function inOrder(spans: readonly Span[]): Span[] {
  return [...spans].sort((a, b) => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : 1));
}

export function isSame(a: Span, b: Span): boolean {
  return a.start === b.start && a.end === b.end && a.label === b.label;
}

export function reduceMarks(marked: Marked, action: MarkAction, settings: MarkSettings): Marked {
  if ("select" in action) {
    return { ...marked, selection: action.select };
  }
  if ("nothing" in action) {
    const isNothing = marked.isAnswered && marked.spans.length === 0;
    return { ...marked, spans: [], isAnswered: !isNothing };
  }
  if ("step" in action) {
    return { ...marked, selection: neighbour(marked, action.step) };
  }
  const { selection } = marked;
  if (selection === null || selection.start >= selection.end) {
    return marked;
  }
  if ("unmark" in action) {
    return withSpans(
      marked,
      marked.spans.filter((span) => span.end <= selection.start || selection.end <= span.start),
    );
  }
  if (!labelsOf(settings).some((label) => label.value === action.mark)) {
    return marked;
  }
  const span = { start: selection.start, end: selection.end, label: action.mark };
  if (marked.spans.some((other) => isSame(other, span))) {
    return withSpans(
      marked,
      marked.spans.filter((other) => !isSame(other, span)),
    );
  }
  // What may not stand beside the new span gives way to it.
  const kept = marked.spans.filter((other) => !clash(other, span, settings.overlap ?? "any"));
  return withSpans(marked, [...kept, span]);
}

export function clash(a: Range, b: Range, overlap: "any" | "nested" | "none"): boolean {
  if (overlap === "any" || a.end <= b.start || b.end <= a.start) {
    return false;
  }
  const isNested = (a.start <= b.start && b.end <= a.end) || (b.start <= a.start && a.end <= b.end);
  return overlap === "none" || !isNested;
}

export function markKeys(settings: MarkSettings): KeyBinding<MarkAction>[] {
  return [
    ...labelsOf(settings).map(({ value, title }) => ({ action: { mark: value }, label: `mark as ${title}` })),
    { action: { unmark: true }, label: "unmark what is selected" },
    { action: { step: 1 }, label: "select the next mark" },
    { action: { nothing: true }, label: "nothing to mark" },
  ];
}

/** The field whose text is marked: the one the settings name, else the only text there is; null when neither. */
export function fieldOf(settings: MarkSettings, item: Item): string | null {
  const texts = Object.entries(item.content).filter(([, value]) => typeof value === "string");
  if (settings.field !== undefined) {
    return texts.some(([name]) => name === settings.field) ? settings.field : null;
  }
  return texts.length === 1 ? (texts[0]?.[0] ?? null) : null;
}

function withSpans(marked: Marked, spans: readonly Span[]): Marked {
  return { ...marked, spans: inOrder(spans), isAnswered: spans.length > 0 };
}

function neighbour({ spans, selection }: Marked, step: 1 | -1): Range | null {
  if (spans.length === 0) {
    return selection;
  }
  const at = spans.findIndex((span) => span.start === selection?.start && span.end === selection.end);
  const next = at < 0 ? (step === 1 ? 0 : spans.length - 1) : (at + step + spans.length) % spans.length;
  const span = spans[next];
  return span ? { start: span.start, end: span.end } : selection;
}
