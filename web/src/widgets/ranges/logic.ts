/** Mark ranges of time, each with a label, in a recording or a series. */

import { t } from "../../words/words";
import type { KeyBinding, Reason, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Settings {
  labels: readonly StatedLabel[];
  field?: string;
  unit?: "seconds" | "samples";
  overlap?: "any" | "labels" | "none";
  min_length?: number;
  transcript?: "none" | "optional" | "required";
  /** Pictures a second of a film. */
  fps?: number;
}
export interface Range {
  start: number;
  end: number;
  label: string;
  text?: string;
}
/** What a key asks of the player, which alone knows the moment. */
export type Wish = "play" | "begin" | "end" | "repeat";
/** In the making. chosen: the place of the range that keys change.  brush: the label of the next one.
 *
 * begun: where a range was begun.  wish: the last one, with its number, so that the same can be wished again.
 */
export interface Draft {
  ranges: readonly Range[];
  chosen: number | null;
  brush: string | null;
  begun: number | null;
  wish: { what: Wish; number: number } | null;
  isAnswered: boolean;
}
export type Value = readonly Range[] | Draft | null;
export type Action =
  | { label: string }
  | { wish: Wish }
  | { draw: readonly [number, number] }
  | { begin: number | null }
  | { choose: number | null }
  | { step: 1 | -1 }
  | { edge: "start" | "end"; of: number; to: number }
  | { text: string; of: number }
  | { remove: number | null }
  | { nothing: true };

const EMPTY: Draft = { ranges: [], chosen: null, brush: null, begun: null, wish: null, isAnswered: false };

export function draftOf(value: Value, settings: Settings): Draft {
  if (value === null) {
    return EMPTY;
  }
  if ("ranges" in value) {
    return value;
  }
  const known = new Set(labelsOf(settings).map((label) => label.value));
  return { ...EMPTY, ranges: value.filter((range) => known.has(range.label)), isAnswered: true };
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion === null ? null : draftOf(suggestion, settings);
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  const draft = draftOf(value, settings);
  const { ranges, chosen } = draft;
  const labels = labelsOf(settings).map((label) => label.value);
  const changed = (place: number, next: Partial<Range>) => ({
    ...draft,
    ranges: ranges.map((one, at) => (at === place ? { ...one, ...next } : one)),
  });
  if ("label" in action) {
    if (!labels.includes(action.label)) {
      return value;
    }
    const next = chosen === null ? draft : changed(chosen, { label: action.label });
    return { ...next, brush: action.label };
  }
  if ("wish" in action) {
    return { ...draft, wish: { what: action.wish, number: (draft.wish?.number ?? 0) + 1 } };
  }
  if ("begin" in action) {
    return { ...draft, begun: action.begin === null ? null : kept(action.begin, settings), chosen: null };
  }
  if ("draw" in action) {
    const [start, end] = settled(action.draw[0], action.draw[1], settings);
    const label = draft.brush ?? labels[0];
    if (label === undefined || start >= end) {
      return { ...draft, begun: null };
    }
    const range = settings.transcript && settings.transcript !== "none" ? { text: "" } : {};
    const made = [...ranges, { start, end, label, ...range }];
    return { ...draft, ranges: made, chosen: ranges.length, begun: null, isAnswered: true };
  }
  if ("choose" in action) {
    return { ...draft, chosen: action.choose };
  }
  if ("step" in action) {
    const order = inOrder(ranges);
    const at = chosen === null ? (action.step > 0 ? -1 : 0) : order.indexOf(chosen);
    const next = order[(at + action.step + order.length) % Math.max(order.length, 1)];
    return { ...draft, chosen: next ?? null };
  }
  if ("nothing" in action) {
    const isNothing = draft.isAnswered && ranges.length === 0;
    return { ...draft, ranges: [], chosen: null, begun: null, isAnswered: !isNothing };
  }
  const place = "remove" in action ? (action.remove ?? chosen) : action.of;
  const range = place === null ? undefined : ranges[place];
  if (place === null || range === undefined) {
    return value;
  }
  if ("remove" in action) {
    const others = ranges.filter((_, at) => at !== place);
    return { ...draft, ranges: others, chosen: null, isAnswered: others.length > 0 };
  }
  if ("text" in action) {
    return changed(place, { text: action.text });
  }
  const to = kept(action.to, settings);
  const isRight = action.edge === "start" ? to < range.end : to > range.start;
  return isRight && Number.isFinite(to) ? { ...changed(place, { [action.edge]: to }), chosen: place } : value;
}

/** The places of ranges, by when they begin. */
export function inOrder(ranges: readonly Range[]): number[] {
  const place = ranges.map((_, at) => at);
  const at = (one: number) => ranges[one] as Range;
  return place.sort((a, b) => at(a).start - at(b).start || at(a).end - at(b).end || a - b);
}

export function problems(value: Value, settings: Settings): Reason[] {
  const { ranges, begun, isAnswered } = draftOf(value, settings);
  const least = settings.min_length ?? 0;
  const found: string[] = [];
  if (!isAnswered) {
    found.push(t("Mark what applies, or say that there is nothing."));
  }
  if (begun !== null) {
    found.push(t("A range was begun and not ended: end it, or take its beginning back."));
  }
  if (ranges.some(({ start, end }) => end - start < least - 2e-6)) {
    found.push(t("One range is shorter than {{least}}.", { least }));
  }
  if (ranges.some((one, at) => ranges.slice(0, at).some((other) => isSame(one, other)))) {
    found.push(t("One range is there twice; remove one."));
  } else if (clash(ranges, settings.overlap ?? "any")) {
    found.push(
      settings.overlap === "labels"
        ? t("Two ranges of one label overlap.")
        : t("Two ranges overlap, which this question does not allow."),
    );
  }
  if (settings.transcript === "required" && ranges.some(({ text }) => !text?.trim())) {
    found.push(t("One range has no transcript yet."));
  }
  return found.map((text) => ({ text }));
}

export function submitted(value: Value, settings: Settings): readonly Range[] {
  return draftOf(value, settings).ranges;
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return [
    ...labelsOf(settings).map(({ value, title }) => ({ action: { label: value }, label: title })),
    { action: { wish: "play" }, label: t("play or pause") },
    { action: { wish: "begin" }, label: t("begin a range here") },
    { action: { wish: "end" }, label: t("end it here") },
    { action: { wish: "repeat" }, label: t("repeat the chosen range") },
    { action: { step: 1 }, label: t("choose the next range") },
    { action: { remove: null }, label: t("remove the chosen range") },
    { action: { nothing: true }, label: t("nothing to mark") },
  ];
}

export function describe(value: Value, settings: Settings): string {
  const { ranges } = draftOf(value, settings);
  const titles = new Map(labelsOf(settings).map((label) => [label.value, label.title]));
  return ranges.length === 0
    ? t("no ranges")
    : inOrder(ranges)
        .map((place) => ranges[place] as Range)
        .map((range) => titles.get(range.label) ?? range.label)
        .join(", ");
}

/** What a key does to the chosen range while the timeline has the focus: Shift moves its end, Alt its beginning. */
export function nudged(
  press: { key: string; shiftKey: boolean; altKey: boolean; ctrlKey: boolean; metaKey: boolean },
  { ranges, chosen }: Draft,
  step: number,
): Action | null {
  const range = chosen === null ? undefined : ranges[chosen];
  if (press.ctrlKey || press.metaKey) {
    return null;
  }
  const by = { ArrowLeft: -step, ArrowRight: step }[press.key];
  if (by !== undefined && press.shiftKey !== press.altKey && chosen !== null && range !== undefined) {
    const edge = press.shiftKey ? "end" : "start";
    return { edge, of: chosen, to: range[edge] + by };
  }
  if (press.shiftKey || press.altKey) {
    return null;
  }
  switch (press.key) {
    case "i":
      return { wish: "begin" };
    case "o":
      return { wish: "end" };
    case "ArrowDown":
      return { step: 1 };
    case "ArrowUp":
      return { step: -1 };
    case "Delete":
      return { remove: null };
    case "Escape":
      return { begin: null };
    default:
      return null;
  }
}

function isSame(a: Range, b: Range): boolean {
  return a.start === b.start && a.end === b.end && a.label === b.label;
}

function clash(ranges: readonly Range[], overlap: "any" | "labels" | "none"): boolean {
  if (overlap === "any") {
    return false;
  }
  const until = new Map<string, number>();
  return inOrder(ranges)
    .map((place) => ranges[place] as Range)
    .some(({ start, end, label }) => {
      const lane = overlap === "labels" ? label : "";
      const isOver = (until.get(lane) ?? -Infinity) > start;
      until.set(lane, end);
      return isOver;
    });
}

/** Both ends as they are kept: samples whole, and none of those that were touched left out. */
function settled(a: number, b: number, settings: Settings): readonly [number, number] {
  const [start, end] = [Math.min(a, b), Math.max(a, b)];
  return settings.unit === "samples"
    ? [Math.floor(start), Math.ceil(end)]
    : [kept(start, settings), kept(end, settings)];
}

/** To a millionth of a second, or to a whole sample, as the server keeps it. */
function kept(time: number, { unit }: Settings): number {
  return unit === "samples" ? Math.round(time) : Math.round(time * 1e6) / 1e6;
}
