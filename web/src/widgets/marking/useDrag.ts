/** Selecting with the mouse, moving edges with mouse or finger, and pulling a line from mark to mark. */

import { type PointerEvent, useRef, useState } from "react";
import type { Utf16Units } from "../../domain/offsets";
import type { Point } from "./Arcs";
import { unitsAt } from "./caret";
import type { Drawn, Marks } from "./lanes";
import { isAt, type Place, type Range } from "./marks";
import { holds, placed } from "./pieces";
import { characterStep, snapped, type Words, wordAt } from "./words";

interface Options {
  words: Words;
  marks: Marks;
  selection: Place | null;
  isFine: boolean;
  onSelect: (selection: Place | null) => void;
  onReach: (place: Range) => void;
  /** With Ctrl or ⌘: another piece of a mark; absent where marks are of one piece. */
  onPiece: ((piece: Range) => void) | undefined;
  /** Marks by their place among all; absent where marks are not related. */
  onLink: ((from: number, to: number) => void) | undefined;
}

type Drag =
  /** From a place in the text; nothing is selected before the pointer has moved. */
  | { kind: "text"; anchor: number; hasMoved: boolean; isTouch: boolean }
  /** An edge of what is selected: the other one stays. */
  | { kind: "edge"; fixed: number; hasMoved: boolean; isTouch: boolean }
  | { kind: "link"; from: number; begins: Point; hasMoved: boolean; isTouch: boolean };

/** How near to its border a text begins to scroll under the pointer. */
const BORDER = 28;

export function useDrag(options: Options) {
  const { words, marks, selection, isFine, onSelect, onReach, onPiece, onLink } = options;
  const drag = useRef<Drag | null>(null);
  const [held, setHeld] = useState<Range | null>(null);
  const [linkFrom, setLinkFrom] = useState<number | null>(null);
  const [pull, setPull] = useState<{ from: Point; to: Point } | null>(null);

  function placeAt(event: PointerEvent<HTMLElement>): number | null {
    const units = unitsAt(event.currentTarget, event.clientX, event.clientY);
    return units === null ? null : words.offsets.toCodePoints(units as Utf16Units);
  }

  function end(): void {
    drag.current = null;
    setHeld(null);
    setLinkFrom(null);
    setPull(null);
  }

  function onPointerDown(event: PointerEvent<HTMLElement>): void {
    const target = event.target as Element;
    if (event.button !== 0 || !event.isPrimary) {
      return;
    }
    const isTouch = event.pointerType === "touch";
    const edge = target.closest<HTMLElement>("[data-edge]")?.dataset.edge;
    const named = target.closest<HTMLElement>("[data-flag]");
    const flag = named?.dataset.flag;
    const place = placeAt(event);
    if (edge !== undefined && selection !== null) {
      const fixed = edge === "start" ? selection.end : selection.start;
      drag.current = { kind: "edge", fixed, hasMoved: false, isTouch };
    } else if (named && flag !== undefined) {
      const begins = middleOf(event.currentTarget, named);
      drag.current = { kind: "link", from: Number(flag), begins, hasMoved: false, isTouch };
    } else if (place !== null) {
      drag.current = { kind: "text", anchor: place, hasMoved: false, isTouch };
    } else {
      return;
    }
    if (!isTouch || edge !== undefined || (flag !== undefined && onLink !== undefined)) {
      event.currentTarget.setPointerCapture?.(event.pointerId);
    }
  }

  function onPointerMove(event: PointerEvent<HTMLElement>): void {
    const { current } = drag;
    // A finger that moves over the text scrolls it; it selects by tapping, and by the edges.
    if (current === null || (current.isTouch && current.kind === "text")) {
      return;
    }
    if (current.kind === "link") {
      current.hasMoved = true;
      if (onLink !== undefined) {
        setLinkFrom(current.from);
        const under = document.elementFromPoint?.(event.clientX, event.clientY);
        const over = under?.closest<HTMLElement>("[data-flag]");
        const to = over
          ? middleOf(event.currentTarget, over)
          : pointIn(event.currentTarget, event.clientX, event.clientY);
        setPull({ from: current.begins, to });
        scrollAt(event);
      }
      return;
    }
    const place = placeAt(event);
    const from = current.kind === "text" ? current.anchor : current.fixed;
    if (place === null || (place === from && !current.hasMoved)) {
      return;
    }
    current.hasMoved = true;
    setHeld(between(from, place, event));
    scrollAt(event);
  }

  /** The other end and the pointer: whole words, or characters with Shift or Alt. */
  function between(from: number, to: number, event: { shiftKey: boolean; altKey: boolean }): Range | null {
    const range = { start: Math.min(from, to), end: Math.max(from, to) };
    const isExact = isFine || event.shiftKey || event.altKey;
    return range.start === range.end ? null : isExact ? range : snapped(words, range);
  }

  function onPointerUp(event: PointerEvent<HTMLElement>): void {
    const { current } = drag;
    if (current === null) {
      return;
    }
    const place = placeAt(event);
    if (current.kind === "link") {
      linked(current.from, event, place);
    } else if (current.hasMoved) {
      const from = current.kind === "text" ? current.anchor : current.fixed;
      const range = (place === null ? null : between(from, place, event)) ?? held;
      if (range !== null) {
        (current.kind === "edge" ? onReach : (pieceBy(event) ?? onSelect))(range);
      }
    } else if (current.kind === "text" && place !== null) {
      tapped(place, event);
    }
    end();
  }

  function pieceBy(event: { ctrlKey: boolean; metaKey: boolean }): ((piece: Range) => void) | undefined {
    return event.ctrlKey || event.metaKey ? onPiece : undefined;
  }

  function linked(from: number, event: PointerEvent<HTMLElement>, place: number | null): void {
    const target = document.elementFromPoint?.(event.clientX, event.clientY);
    const flag = target?.closest<HTMLElement>("[data-flag]")?.dataset.flag;
    const to = flag !== undefined ? Number(flag) : place === null ? -1 : (marksAt(place)[0]?.place ?? -1);
    const head = marks.at(from);
    if (to >= 0 && to !== from && onLink !== undefined) {
      onLink(from, to);
    } else if (head !== null) {
      onSelect(placed(head));
    }
  }

  /** The marks over a place, the shortest first. */
  function marksAt(place: number): Drawn[] {
    return marks
      .where((span) => span.start <= place && place < span.end && holds(span, place))
      .flatMap((number) => marks.at(number) ?? [])
      .sort((a, b) => a.end - a.start - (b.end - b.start));
  }

  /** A tap selects the mark there, again the next one around it; else the word; with Shift all up to there. */
  function tapped(place: number, event: PointerEvent<HTMLElement>): void {
    const add = pieceBy(event);
    const word = wordAt(words, place);
    if (add !== undefined) {
      if (word !== null && word.start <= place) {
        add(word);
      }
      return;
    }
    const over = marksAt(place);
    if (event.shiftKey && selection !== null) {
      const start = Math.min(selection.start, place);
      const reach = Math.max(selection.end, place);
      onSelect(snapped(words, { start, end: Math.max(reach, start + 1) }));
      return;
    }
    const at = over.findIndex((mark) => isAt(mark, selection));
    const one = over[(at + 1) % Math.max(1, over.length)];
    if (one !== undefined) {
      onSelect(placed(one));
    } else if (isFine) {
      const stop = characterStep(words, place, 1);
      onSelect(stop > place ? { start: place, end: stop } : null);
    } else {
      onSelect(word !== null && word.start <= place ? word : null);
    }
  }

  return {
    /** What is selected while the pointer is down. */
    held,
    /** The mark a line is being pulled from. */
    linkFrom,
    /** The line, as it is to be drawn; its end rests on the name of the mark it would join. */
    pull,
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: end },
  };
}

/** A point of the window as one of the sheet that scrolls in the text. */
function pointIn(root: Element, x: number, y: number): Point {
  const { left, top } = (root.querySelector("[data-sheet]") ?? root).getBoundingClientRect();
  return { x: x - left, y: y - top };
}

function middleOf(root: Element, flag: HTMLElement): Point {
  const { left, top, width, height } = flag.getBoundingClientRect();
  return pointIn(root, left + width / 2, top + height / 2);
}

function scrollAt(event: PointerEvent<HTMLElement>): void {
  const { top, bottom } = event.currentTarget.getBoundingClientRect();
  if (event.clientY > bottom - BORDER) {
    event.currentTarget.scrollTop += BORDER;
  } else if (event.clientY < top + BORDER) {
    event.currentTarget.scrollTop -= BORDER;
  }
}
