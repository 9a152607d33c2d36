/** Where marks are drawn: each in a lane under the text that it shares with no mark it overlaps, the outer one lower. */

import { labelsOf, type StatedLabel } from "../widget";
import type { Place, Range, Span } from "./marks";
import { holds, piecesOf } from "./pieces";
import type { Words } from "./words";

/** A mark to be drawn. */
export interface Drawn extends Span {
  /** What stands behind its end. */
  caption: string;
  /** Its label's place in the schema: the look goes by it. */
  look: number;
  isSuggested: boolean;
}

export interface Laid extends Drawn {
  /** 0 is next to the text. */
  level: number;
  /** Its place among the marks that were laid. */
  place: number;
}

/** As many colours as there are; labels of one colour differ in their line. */
export const LOOKS = 8;

/** Not by colour alone: labels of one colour, and labels beside each other, differ in their line too. */
export function strokeOf(look: number): "solid" | "double" | "dotted" {
  return (["solid", "double", "dotted"] as const)[(look + 2 * Math.floor(look / LOOKS)) % 3] ?? "solid";
}

/** More marks than this over one character share the last lane. */
export const MOST_LANES = 10;

/** Give every mark its level; the order is kept. */
export function laid(marks: readonly Drawn[]): Laid[] {
  // Written out, for there may be ten thousand: spreading them costs twenty times as much.
  const found = marks.map(
    ({ start, end, pieces, label, caption, look, isSuggested }, place): Laid => ({
      start,
      end,
      pieces,
      label,
      caption,
      look,
      isSuggested,
      level: 0,
      place,
    }),
  );
  // Of two that begin together the longer is the outer one.
  const ordered = [...found].sort((a, b) => a.start - b.start || b.end - a.end);
  let cluster: Laid[] = [];
  let ends: number[] = [];
  let reach = 0;
  const settle = () => {
    for (const mark of cluster) {
      mark.level = ends.length - 1 - mark.level;
    }
    cluster = [];
    ends = [];
  };
  for (const mark of ordered) {
    if (reach <= mark.start) {
      settle();
    }
    reach = Math.max(reach, mark.end);
    const free = ends.length === 0 ? -1 : ends.findIndex((end) => end <= mark.start);
    const lane = free >= 0 ? free : Math.min(ends.length, MOST_LANES - 1);
    mark.level = lane;
    ends[lane] = Math.max(ends[lane] ?? 0, mark.end);
    cluster.push(mark);
  }
  settle();
  return found;
}

/** The marks of every piece of a text, in one pass. */
export function byPiece(marks: readonly Laid[], words: Words): ReadonlyMap<number, readonly Laid[]> {
  const found = new Map<number, Laid[]>();
  for (const mark of marks) {
    const last = words.pieceAt(mark.end - 1);
    for (let piece = words.pieceAt(mark.start); piece <= last; piece++) {
      const list = found.get(piece);
      if (list === undefined) {
        found.set(piece, [mark]);
      } else {
        list.push(mark);
      }
    }
  }
  return found;
}

export interface Segment extends Range {
  /** The marks over it, the outer ones first. */
  over: readonly Laid[];
  /** Those that end with it, the inner ones first. */
  ending: readonly Laid[];
  isSelected: boolean;
}

/** Cut a piece where a mark or the selection begins or ends. */
export function segmentsOf(piece: Range, marks: readonly Laid[], selection: Place | null): Segment[] {
  const edges = new Set([piece.start, piece.end]);
  for (const place of selection ? [...marks, selection] : marks) {
    for (const { start, end } of piecesOf(place)) {
      for (const edge of [start, end]) {
        if (piece.start < edge && edge < piece.end) {
          edges.add(edge);
        }
      }
    }
  }
  const places = [...edges].sort((a, b) => a - b);
  const waiting = [...marks].sort((a, b) => a.start - b.start);
  let active: Laid[] = [];
  let next = 0;
  return places.slice(0, -1).map((start, at) => {
    const end = places[at + 1] ?? start;
    active = active.filter((mark) => mark.end > start);
    for (; next < waiting.length && (waiting[next]?.start ?? 0) <= start; next++) {
      const mark = waiting[next];
      if (mark && mark.end > start) {
        active.push(mark);
      }
    }
    const over = [...active].sort((a, b) => b.level - a.level);
    const ending = over.filter((mark) => mark.end === end).reverse();
    const isSelected = selection !== null && holds(selection, start);
    return { start, end, over, ending, isSelected };
  });
}

/** The look of a label by its place in the schema; null = none such. */
export function lookIn(labels: readonly StatedLabel[], label: string | null): number | null {
  const place = label === null ? -1 : labelsOf({ labels }).findIndex(({ value }) => value === label);
  return place < 0 ? null : place;
}

/** Spans as they are drawn, with the titles of their labels. */
export function drawn(
  spans: readonly Span[],
  labels: readonly StatedLabel[],
  caption: (title: string, place: number, span: Span) => string,
  isSuggested = false,
): Drawn[] {
  const known = new Map(labelsOf({ labels }).map(({ value, title }, look) => [value, { title, look }]));
  return spans.map((span, place) => {
    const { title, look } = known.get(span.label) ?? { title: span.label, look: 0 };
    const { start, end, pieces, label } = span;
    return { start, end, pieces, label, caption: caption(title, place, span), look, isSuggested };
  });
}
