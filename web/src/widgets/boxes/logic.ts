/** Draw boxes in an image. Places are shares of its width and height, so that its size does not matter. */

import type { Item } from "../../api/types";
import type { KeyBinding, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Settings {
  labels: readonly StatedLabel[];
  field?: string;
}
export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Box extends Frame {
  label: string;
}
/** In the making. chosen: the place of the box that keys change.  brush: the label of the next one. */
export interface Draft {
  boxes: readonly Box[];
  chosen: number | null;
  brush: string | null;
  isAnswered: boolean;
}
export type Value = readonly Box[] | Draft | null;
export type Action =
  | { label: string }
  | { draw: Frame }
  | { add: true }
  | { choose: number | null }
  | { step: 1 }
  | { move: readonly [number, number] }
  | { grow: readonly [number, number] }
  | { remove: true }
  | { nothing: true };

const EMPTY: Draft = { boxes: [], chosen: null, brush: null, isAnswered: false };
const MIDDLE: Frame = { x: 0.3, y: 0.3, width: 0.4, height: 0.4 };
/** Smaller ones are slips of the mouse. */
const SMALLEST = 0.002;

export function draftOf(value: Value, settings: Settings): Draft {
  if (value === null) {
    return EMPTY;
  }
  if ("boxes" in value) {
    return value;
  }
  const known = new Set(labelsOf(settings).map((label) => label.value));
  return { ...EMPTY, boxes: value.filter((box) => known.has(box.label)), isAnswered: true };
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion === null ? null : draftOf(suggestion, settings);
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  const draft = draftOf(value, settings);
  const { boxes, chosen } = draft;
  const labels = labelsOf(settings).map((label) => label.value);
  const box = chosen === null ? undefined : boxes[chosen];
  const replaced = (next: Box) => ({ ...draft, boxes: boxes.map((one, at) => (at === chosen ? next : one)) });
  if ("label" in action) {
    if (!labels.includes(action.label)) {
      return value;
    }
    const brushed = { ...draft, brush: action.label };
    return box ? { ...replaced({ ...box, label: action.label }), brush: action.label } : brushed;
  }
  if ("draw" in action || "add" in action) {
    const frame = clipped("draw" in action ? action.draw : MIDDLE);
    const label = draft.brush ?? labels[0];
    const isNew = !boxes.some((one) => isSame(one, { ...frame, label: label ?? "" }));
    if (label === undefined || frame.width < SMALLEST || frame.height < SMALLEST || !isNew) {
      return value;
    }
    return { ...draft, boxes: [...boxes, { ...frame, label }], chosen: boxes.length, isAnswered: true };
  }
  if ("choose" in action) {
    return { ...draft, chosen: action.choose };
  }
  if ("step" in action) {
    return { ...draft, chosen: boxes.length === 0 ? null : ((chosen ?? -1) + 1) % boxes.length };
  }
  if ("nothing" in action) {
    const isNothing = draft.isAnswered && boxes.length === 0;
    return { ...draft, boxes: [], chosen: null, isAnswered: !isNothing };
  }
  if (box === undefined) {
    return value;
  }
  if ("remove" in action) {
    const others = boxes.filter((one) => one !== box);
    return { ...draft, boxes: others, chosen: null, isAnswered: others.length > 0 };
  }
  if ("move" in action) {
    const x = between(0, box.x + action.move[0], 1 - box.width);
    const y = between(0, box.y + action.move[1], 1 - box.height);
    return replaced({ ...box, ...rounded({ ...box, x, y }) });
  }
  const width = between(SMALLEST, box.width + action.grow[0], 1 - box.x);
  const height = between(SMALLEST, box.height + action.grow[1], 1 - box.y);
  return replaced({ ...box, ...rounded({ ...box, width, height }) });
}

export function problems(value: Value, settings: Settings): Reason[] {
  const { boxes, isAnswered } = draftOf(value, settings);
  const isTwice = boxes.some((box, at) => boxes.slice(0, at).some((other) => isSame(box, other)));
  return [
    ...(isAnswered ? [] : [{ text: "Draw a box around what applies, or say that there is nothing." }]),
    ...(isTwice ? [{ text: "One box is there twice; remove one." }] : []),
  ];
}

export function submitted(value: Value, settings: Settings): readonly Box[] {
  return draftOf(value, settings).boxes;
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return [
    ...labelsOf(settings).map(({ value, title }) => ({ action: { label: value }, label: title })),
    { action: { add: true }, label: "add a box in the middle" },
    { action: { step: 1 }, label: "choose the next box" },
    { action: { remove: true }, label: "remove the chosen box" },
    { action: { nothing: true }, label: "nothing to draw" },
  ];
}

export function describe(value: Value, settings: Settings): string {
  const { boxes } = draftOf(value, settings);
  const titles = new Map(labelsOf(settings).map((label) => [label.value, label.title]));
  return boxes.length === 0 ? "no boxes" : boxes.map((box) => titles.get(box.label) ?? box.label).join(", ");
}

/** What an arrow key does to the chosen box: it moves it, with Shift it sets its size; Alt makes the step fine. */
export function pressed(press: { key: string; shiftKey: boolean; altKey: boolean }): Action | null {
  const step = press.altKey ? 0.001 : 0.01;
  const by: Record<string, readonly [number, number]> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  };
  const change = by[press.key];
  return change === undefined ? null : press.shiftKey ? { grow: change } : { move: change };
}

/** The field that holds the image: the one the settings name, else the only one that looks like it. */
export function imageOf(settings: Settings, item: Item): string | null {
  const named = settings.field === undefined ? Object.values(item.content) : [item.content[settings.field]];
  const images = named.filter((one): one is string => typeof one === "string" && isImage(one));
  return images.length === 1 ? (images[0] ?? null) : null;
}

/** Only what the item itself carries: an address would let an item's text make the page fetch something. */
export function isImage(text: string): boolean {
  return /^data:image\/(png|jpe?g|gif|webp|avif|bmp|svg\+xml)[;,]/.test(text);
}

function isSame(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height && a.label === b.label;
}

function clipped({ x, y, width, height }: Frame): Frame {
  const [left, top] = [between(0, x, 1), between(0, y, 1)];
  return rounded({
    x: left,
    y: top,
    width: between(0, x + width, 1) - left,
    height: between(0, y + height, 1) - top,
  });
}

/** To a millionth of the image, as the server keeps it. */
function rounded({ x, y, width, height }: Frame): Frame {
  const round = (share: number) => Math.round(share * 1e6) / 1e6;
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
