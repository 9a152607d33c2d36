/** Follow things through a film: boxes with key frames. Places are shares of the picture, as with boxes in an image. */

import { t } from "../../words/words";
import { clipped, type Frame, MIDDLE, toMillionths } from "../imaging/frame";
import { between } from "../imaging/view";
import type { KeyBinding, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Settings {
  labels: readonly StatedLabel[];
  fps: number;
  field?: string;
}
export interface Keyframe extends Frame {
  frame: number;
  outside?: boolean;
}
export interface Track {
  label: string;
  keyframes: readonly Keyframe[];
}
/** What a key asks of the player, which alone knows the frame. */
export type Wish = "play" | "back" | "on" | "add" | "key" | "outside";
/** In the making. chosen: the track that keys change.  brush: the label of the next one. */
export interface Draft {
  tracks: readonly Track[];
  chosen: number | null;
  brush: string | null;
  wish: { what: Wish; number: number } | null;
  isAnswered: boolean;
}
export type Value = readonly Track[] | Draft | null;
export type Action =
  | { label: string }
  | { wish: Wish }
  | { draw: Frame | null; at: number }
  | { key: number }
  | { outside: number }
  | { move: readonly [number, number]; at: number }
  | { grow: readonly [number, number]; at: number }
  | { choose: number | null }
  | { step: 1 | -1 }
  | { remove: number | null }
  | { nothing: true };

const EMPTY: Draft = { tracks: [], chosen: null, brush: null, wish: null, isAnswered: false };
const SMALLEST = 0.005;

export function draftOf(value: Value, settings: Settings): Draft {
  if (value === null) {
    return EMPTY;
  }
  if ("tracks" in value) {
    return value;
  }
  const known = new Set(labelsOf(settings).map((label) => label.value));
  return { ...EMPTY, tracks: value.filter((track) => known.has(track.label)), isAnswered: true };
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion === null ? null : draftOf(suggestion, settings);
}

/** Where a thing is in a frame; null where it is not in sight. */
export function boxAt({ keyframes }: Track, frame: number): Frame | null {
  const before = keyframes.findLast((key) => key.frame <= frame);
  const after = keyframes.find((key) => key.frame >= frame);
  return before === undefined || after === undefined || before.outside ? null : mixed(before, after, frame);
}

/** Where its box is taken up for a change: as `boxAt`, and where it is out of sight, as it was seen next. */
export function nearestBox({ keyframes }: Track, frame: number): Frame | null {
  const before = keyframes.findLast((key) => key.frame <= frame);
  const after = keyframes.find((key) => key.frame >= frame);
  const one = before ?? after;
  return one === undefined ? null : mixed(one, after ?? one, frame);
}

function mixed(a: Keyframe, b: Keyframe, frame: number): Frame {
  const share = b.frame > a.frame ? (frame - a.frame) / (b.frame - a.frame) : 0;
  const mix = (side: keyof Frame) => a[side] + (b[side] - a[side]) * share;
  return { x: mix("x"), y: mix("y"), width: mix("width"), height: mix("height") };
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  const draft = draftOf(value, settings);
  const { tracks, chosen } = draft;
  const labels = labelsOf(settings).map((label) => label.value);
  const track = chosen === null ? undefined : tracks[chosen];
  const changed = (next: Track): Draft => ({
    ...draft,
    tracks: tracks.map((one, place) => (place === chosen ? next : one)),
  });
  if ("label" in action) {
    if (!labels.includes(action.label)) {
      return value;
    }
    return { ...(track ? changed({ ...track, label: action.label }) : draft), brush: action.label };
  }
  if ("wish" in action) {
    return { ...draft, wish: { what: action.wish, number: (draft.wish?.number ?? 0) + 1 } };
  }
  if ("choose" in action) {
    return { ...draft, chosen: action.choose };
  }
  if ("step" in action) {
    const n = tracks.length;
    const from = chosen ?? (action.step > 0 ? -1 : 0);
    return { ...draft, chosen: n === 0 ? null : (from + action.step + n) % n };
  }
  if ("nothing" in action) {
    const isNothing = draft.isAnswered && tracks.length === 0;
    return { ...draft, tracks: [], chosen: null, isAnswered: !isNothing };
  }
  if ("remove" in action) {
    const place = action.remove ?? chosen;
    const others = tracks.filter((_, at) => at !== place);
    return others.length === tracks.length
      ? value
      : { ...draft, tracks: others, chosen: null, isAnswered: others.length > 0 };
  }
  if ("draw" in action) {
    const frame = clipped(action.draw ?? MIDDLE);
    const label = draft.brush ?? labels[0];
    if (label === undefined || frame.width < SMALLEST || frame.height < SMALLEST) {
      return value;
    }
    if (track && action.draw !== null) {
      return changed(withKey(track, { frame: action.at, ...frame }));
    }
    const made: Track = { label, keyframes: [{ frame: action.at, ...frame }] };
    return { ...draft, tracks: [...tracks, made], chosen: tracks.length, isAnswered: true };
  }
  if (track === undefined) {
    return value;
  }
  if ("key" in action) {
    const isThere = track.keyframes.some((key) => key.frame === action.key);
    if (isThere) {
      const others = track.keyframes.filter((key) => key.frame !== action.key);
      return others.length === 0 || others[0]?.outside ? value : changed({ ...track, keyframes: others });
    }
    return changed(kept(track, action.key, (box) => box));
  }
  if ("outside" in action) {
    const first = track.keyframes[0]?.frame ?? 0;
    const isOut = track.keyframes.find((key) => key.frame === action.outside)?.outside ?? false;
    if (action.outside <= first) {
      return value; // a track begins where the thing is first seen
    }
    return changed(kept(track, action.outside, (box) => box, !isOut));
  }
  const [dx, dy] = "move" in action ? action.move : action.grow;
  return changed(
    kept(track, action.at, (box) =>
      "move" in action
        ? { ...box, x: between(0, box.x + dx, 1 - box.width), y: between(0, box.y + dy, 1 - box.height) }
        : {
            ...box,
            width: between(SMALLEST, box.width + dx, 1 - box.x),
            height: between(SMALLEST, box.height + dy, 1 - box.y),
          },
    ),
  );
}

/** The track with a key frame here, made of where the box is. */
function kept(track: Track, frame: number, change: (box: Frame) => Frame, outside = false): Track {
  const box = nearestBox(track, frame);
  return box === null
    ? track
    : withKey(track, { frame, ...toMillionths(change(box)), ...(outside ? { outside } : {}) });
}

function withKey(track: Track, key: Keyframe): Track {
  const others = track.keyframes.filter((one) => one.frame !== key.frame);
  return { ...track, keyframes: [...others, key].sort((a, b) => a.frame - b.frame) };
}

export function problems(value: Value, settings: Settings): Reason[] {
  const { tracks, isAnswered } = draftOf(value, settings);
  const found: string[] = [];
  if (!isAnswered) {
    found.push(t("Draw a box around what applies and follow it, or say that there is nothing."));
  }
  const written = tracks.map((track) => JSON.stringify([track.label, track.keyframes]));
  if (new Set(written).size < written.length) {
    found.push(t("One track is there twice; remove one."));
  }
  return found.map((text) => ({ text }));
}

export function submitted(value: Value, settings: Settings): readonly Track[] {
  return draftOf(value, settings).tracks;
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return [
    ...labelsOf(settings).map(({ value, title }) => ({ action: { label: value }, label: title })),
    { action: { wish: "play" }, label: t("play or pause") },
    { action: { wish: "back" }, label: t("one picture back") },
    { action: { wish: "on" }, label: t("one picture on") },
    { action: { wish: "add" }, label: t("a new box in the middle") },
    { action: { wish: "key" }, label: t("set or remove a key frame") },
    { action: { wish: "outside" }, label: t("out of sight from here, or back") },
    { action: { step: 1 }, label: t("choose the next track") },
    { action: { remove: null }, label: t("remove the chosen track") },
    { action: { nothing: true }, label: t("nothing to follow") },
  ];
}

export function describe(value: Value, settings: Settings): string {
  const { tracks } = draftOf(value, settings);
  const titles = new Map(labelsOf(settings).map((label) => [label.value, label.title]));
  return tracks.length === 0
    ? t("no tracks")
    : tracks.map((track) => titles.get(track.label) ?? track.label).join(", ");
}

/** What a key on the film does to the chosen track: Shift and an arrow move its box here, Alt and an arrow size it. */
export function pressedOn(
  press: { key: string; shiftKey: boolean; altKey: boolean; ctrlKey: boolean; metaKey: boolean },
  at: number,
): Action | null {
  if (press.ctrlKey || press.metaKey) {
    return null;
  }
  const step = press.shiftKey && press.altKey ? 0.001 : 0.01;
  const by: Record<string, readonly [number, number]> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  };
  const change = by[press.key];
  if (change !== undefined && (press.shiftKey || press.altKey)) {
    return press.shiftKey ? { move: change, at } : { grow: change, at };
  }
  const plain: Record<string, Action> = {
    n: { wish: "add" },
    k: { wish: "key" },
    o: { wish: "outside" },
    ArrowDown: { step: 1 },
    ArrowUp: { step: -1 },
    Delete: { remove: null },
    Escape: { choose: null },
  };
  return press.shiftKey || press.altKey ? null : (plain[press.key] ?? null);
}
