/** Where marks are drawn: each in a lane under the text that it shares with no mark it overlaps, the outer one lower. */

import { countBelow } from "../../domain/offsets";
import { labelsOf, type StatedLabel } from "../widget";
import type { Place, Range, Span } from "./marks";
import { holds, piecesOf } from "./pieces";

/** A mark to be drawn. */
export interface Drawn extends Span {
  /** What stands behind its end. */
  caption: string;
  /** Its label's place in the schema: the look goes by it. */
  look: number;
  isSuggested: boolean;
  /** Its place among all marks. */
  place: number;
}

export interface Laid extends Drawn {
  /** 0 is next to the text. */
  level: number;
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
  const found = marks.map((mark): Laid => ({ ...mark, level: 0 }));
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

/** The marks over a piece of a text with their levels. Only they are laid, and those they hang together with. */
export function laidOver({ ordered, reach, at }: Marks, piece: Range): Laid[] {
  let from = countBelow(reach, piece.start + 1);
  while (from > 0 && (reach[from - 1] ?? 0) > (at(ordered[from] ?? 0)?.start ?? 0)) {
    from--;
  }
  const near: Drawn[] = [];
  for (let next = from; next < ordered.length; next++) {
    const mark = at(ordered[next] ?? 0);
    if (mark === null || (mark.start >= piece.end && mark.start >= (reach[next - 1] ?? 0))) {
      break;
    }
    near.push(mark);
  }
  return laid(near).filter(({ start, end }) => start < piece.end && piece.start < end);
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

/** Marks to be drawn, told one by one: of ten thousand a few hundred are in sight. */
export interface Marks {
  readonly length: number;
  /** The mark at a place among all; null = none. */
  at(place: number): Drawn | null;
  /** The places of those that a test holds for. */
  where(fits: (span: Span) => boolean): number[];
  /** Their places by where they begin. */
  readonly ordered: Int32Array;
  /** How far the marks up to here reach, in that order. */
  readonly reach: Int32Array;
}

interface Shown {
  /** In the order of the text. */
  spans: readonly Span[];
  labels: readonly StatedLabel[];
  caption?: (title: string, place: number) => string;
}

/** What is marked, then what is suggested, with the titles of their labels. */
export function marksOf({ spans, labels, caption }: Shown, suggested: readonly Span[] = []): Marks {
  const known = new Map(labelsOf({ labels }).map(({ value, title }, look) => [value, { title, look }]));
  const length = spans.length + suggested.length;
  const ordered = new Int32Array(length);
  const reach = new Int32Array(length);
  for (let own = 0, other = 0, most = 0; own + other < length; ) {
    const [first, second] = [spans[own], suggested[other]];
    const isOwn = second === undefined || (first !== undefined && first.start <= second.start);
    ordered[own + other] = isOwn ? own : spans.length + other;
    most = Math.max(most, (isOwn ? first : second)?.end ?? 0);
    reach[own + other] = most;
    if (isOwn) {
      own++;
    } else {
      other++;
    }
  }
  return {
    length,
    ordered,
    reach,
    at(place) {
      const isSuggested = place >= spans.length;
      const span = isSuggested ? suggested[place - spans.length] : spans[place];
      if (span === undefined) {
        return null;
      }
      const { title, look } = known.get(span.label) ?? { title: span.label, look: 0 };
      const { start, end, pieces, label } = span;
      const told = isSuggested ? title : (caption?.(title, place) ?? title);
      return { start, end, pieces, label, caption: told, look, isSuggested, place };
    },
    where(fits) {
      const found: number[] = [];
      for (let place = 0; place < length; place++) {
        const span = place < spans.length ? spans[place] : suggested[place - spans.length];
        if (span !== undefined && fits(span)) {
          found.push(place);
        }
      }
      return found;
    },
  };
}
