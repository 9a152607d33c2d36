/** Draw boxes in an image. Places are shares of its width and height, so that its size does not matter. */

import { t } from "../../words/words";
import { clipped, type Frame, frameOf, MIDDLE, toMillionths } from "../imaging/frame";
import {
  chosenOf,
  type Drawn,
  drawnOf,
  isTwice,
  labelKeys,
  type RegionAction,
  reduceRegions,
  replaced,
  titlesOf,
} from "../imaging/regions";
import { between, type Spot } from "../imaging/view";
import type { KeyBinding, Reason, StatedLabel } from "../widget";

export interface Settings {
  labels: readonly StatedLabel[];
  field?: string;
  /** Boxes may stand at an angle. */
  rotation?: boolean;
}
export interface Box extends Frame {
  label: string;
  rotation?: number;
  aspect?: number;
}
export type Draft = Drawn<Box>;
export type Value = readonly Box[] | Draft | null;
export type Action =
  | Exclude<RegionAction<Box>, { put: Box }>
  | { draw: Frame }
  | { add: true }
  | { move: readonly [number, number] }
  | { grow: readonly [number, number] }
  | { turn: number }
  /** The image is there: angles can be meant. */
  | { aspect: number };

/** Smaller ones are slips of the mouse. */
const SMALLEST = 0.002;
const TURN = 5;

export function draftOf(value: Value, settings: Settings): Draft {
  return drawnOf<Box>(value, settings);
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion === null ? null : draftOf(suggestion, settings);
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  const draft = draftOf(value, settings);
  const box = chosenOf(draft);
  if ("draw" in action || "add" in action) {
    const frame = clipped("draw" in action ? action.draw : MIDDLE);
    const put: Box = {
      ...frame,
      label: "",
      ...(settings.rotation ? { rotation: 0, aspect: aspectOf(draft) } : {}),
    };
    return frame.width < SMALLEST || frame.height < SMALLEST
      ? value
      : sameIfSame(value, draft, reduceRegions(draft, { put }, settings, isSame));
  }
  if ("aspect" in action) {
    const needs = draft.regions.some((one) => one.aspect !== action.aspect);
    return settings.rotation && needs
      ? { ...draft, regions: draft.regions.map((one) => ({ rotation: 0, ...one, aspect: action.aspect })) }
      : value;
  }
  if (!("move" in action || "grow" in action || "turn" in action)) {
    const shaped =
      "reshape" in action ? { reshape: { ...action.reshape, ...clipped(action.reshape) } } : action;
    return sameIfSame(value, draft, reduceRegions(draft, shaped, settings, isSame));
  }
  if (box === null) {
    return value;
  }
  if ("turn" in action) {
    return settings.rotation
      ? replaced(draft, { ...box, rotation: angle((box.rotation ?? 0) + action.turn) })
      : value;
  }
  if ("move" in action) {
    const x = between(0, box.x + action.move[0], 1 - box.width);
    const y = between(0, box.y + action.move[1], 1 - box.height);
    return replaced(draft, { ...box, ...toMillionths({ ...box, x, y }) });
  }
  const width = between(SMALLEST, box.width + action.grow[0], 1 - box.x);
  const height = between(SMALLEST, box.height + action.grow[1], 1 - box.y);
  return replaced(draft, { ...box, ...toMillionths({ ...box, width, height }) });
}

function sameIfSame(value: Value, draft: Draft, next: Draft): Value {
  return next === draft ? value : next;
}

function aspectOf(draft: Draft): number {
  return draft.regions.find((one) => one.aspect)?.aspect ?? 0;
}

export function problems(value: Value, settings: Settings): Reason[] {
  const { regions, isAnswered } = draftOf(value, settings);
  const isWaiting = settings.rotation === true && regions.some((one) => !one.aspect);
  return [
    ...(isAnswered ? [] : [{ text: t("Draw a box around what applies, or say that there is nothing.") }]),
    ...(isTwice(regions, isSame) ? [{ text: t("One box is there twice; remove one.") }] : []),
    ...(isWaiting ? [{ text: t("The image is not loaded yet; wait for it.") }] : []),
  ];
}

export function submitted(value: Value, settings: Settings): readonly Box[] {
  return draftOf(value, settings).regions;
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return [
    ...labelKeys(settings),
    { action: { add: true }, label: t("add a box in the middle") },
    { action: { step: 1 }, label: t("choose the next box") },
    { action: { remove: true }, label: t("remove the chosen box") },
    { action: { nothing: true }, label: t("nothing to draw") },
    ...(settings.rotation
      ? [
          { action: { turn: -TURN }, label: t("turn the chosen box left") },
          { action: { turn: TURN }, label: t("turn the chosen box right") },
        ]
      : []),
  ];
}

export function describe(value: Value, settings: Settings): string {
  const { regions } = draftOf(value, settings);
  const titles = titlesOf(settings);
  return regions.length === 0
    ? t("no boxes")
    : regions.map((box) => titles.get(box.label) ?? box.label).join(", ");
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

/** The corners in order, upper left first; aspect = the image's width over its height. */
export function cornersOf(box: Frame & { rotation?: number }, aspect: number): Spot[] {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  return [
    { x: box.x, y: box.y },
    { x: box.x + box.width, y: box.y },
    { x: box.x + box.width, y: box.y + box.height },
    { x: box.x, y: box.y + box.height },
  ].map((corner) => turned(corner, middle, box.rotation ?? 0, aspect));
}

/** Turn a place about another, by degrees clockwise as people see them. */
export function turned(spot: Spot, about: Spot, degrees: number, aspect: number): Spot {
  if (degrees === 0) {
    return spot;
  }
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const [x, y] = [(spot.x - about.x) * aspect, spot.y - about.y];
  return { x: about.x + (x * cos - y * sin) / aspect, y: about.y + x * sin + y * cos };
}

/** Which sides move with a handle: -1 left or top, 1 right or bottom, 0 neither. */
export interface Grip {
  x: -1 | 0 | 1;
  y: -1 | 0 | 1;
}

export const GRIPS: readonly Grip[] = [
  { x: -1, y: -1 },
  { x: 1, y: -1 },
  { x: 1, y: 1 },
  { x: -1, y: 1 },
  { x: 0, y: -1 },
  { x: 1, y: 0 },
  { x: 0, y: 1 },
  { x: -1, y: 0 },
];

export function gripAt(box: Box, grip: Grip, aspect: number): Spot {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const at = { x: middle.x + (grip.x * box.width) / 2, y: middle.y + (grip.y * box.height) / 2 };
  return turned(at, middle, box.rotation ?? 0, aspect);
}

/** Where the box is turned by: a little above its upper side. */
export function turnerAt(box: Box, aspect: number, away: number): Spot {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  return turned({ x: middle.x, y: box.y - away }, middle, box.rotation ?? 0, aspect);
}

/** Drag a side or a corner to a place; what is opposite stays where it is, also of a turned box. */
export function dragged(box: Box, grip: Grip, to: Spot, aspect: number): Box {
  const degrees = box.rotation ?? 0;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const at = turned(to, middle, -degrees, aspect);
  const xs = grip.x === 0 ? [box.x, box.x + box.width] : [at.x, grip.x < 0 ? box.x + box.width : box.x];
  const ys = grip.y === 0 ? [box.y, box.y + box.height] : [at.y, grip.y < 0 ? box.y + box.height : box.y];
  const frame = clipped(frameOf({ x: xs[0] ?? 0, y: ys[0] ?? 0 }, { x: xs[1] ?? 0, y: ys[1] ?? 0 }));
  if (frame.width < SMALLEST || frame.height < SMALLEST) {
    return box;
  }
  if (degrees === 0) {
    return { ...box, ...frame };
  }
  // Turned about its new centre, the box would jump: put the centre where the old turning has it.
  const centre = turned(
    { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 },
    middle,
    degrees,
    aspect,
  );
  return { ...box, ...clipped({ ...frame, x: centre.x - frame.width / 2, y: centre.y - frame.height / 2 }) };
}

/** Turn the box so that its upper side looks to a place; in steps of 15 degrees where asked. */
export function turnedTo(box: Box, to: Spot, aspect: number, isStepped: boolean): Box {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const degrees = (Math.atan2((to.x - middle.x) * aspect, middle.y - to.y) * 180) / Math.PI;
  return { ...box, rotation: angle(isStepped ? Math.round(degrees / 15) * 15 : degrees) };
}

export function isInside(box: Box, spot: Spot, aspect: number): boolean {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const { x, y } = turned(spot, middle, -(box.rotation ?? 0), aspect);
  return box.x <= x && x <= box.x + box.width && box.y <= y && y <= box.y + box.height;
}

/** The smallest box at a place, so that one inside another can be chosen. */
export function under(spot: Spot, boxes: readonly Box[], aspect: number): number | null {
  const hit = boxes
    .map((box, at) => ({ box, at }))
    .filter(({ box }) => isInside(box, spot, aspect))
    .sort((a, b) => a.box.width * a.box.height - b.box.width * b.box.height);
  return hit[0]?.at ?? null;
}

function angle(degrees: number): number {
  return (Math.round((((degrees % 360) + 360) % 360) * 100) / 100) % 360;
}

function isSame(a: Box, b: Box): boolean {
  return (
    a.x === b.x &&
    a.y === b.y &&
    a.width === b.width &&
    a.height === b.height &&
    a.label === b.label &&
    (a.rotation ?? 0) === (b.rotation ?? 0)
  );
}
