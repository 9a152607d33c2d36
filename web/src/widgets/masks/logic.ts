/** Paint things in an image with a brush: a bitmap per region, kept as run lengths. */

import { t } from "../../words/words";
import {
  chosenOf,
  type Drawn,
  drawnOf,
  isTwice,
  labelKeys,
  nextLabel,
  type RegionAction,
  reduceRegions,
  replaced,
  titlesOf,
} from "../imaging/regions";
import { between } from "../imaging/view";
import type { KeyBinding, Reason, StatedLabel } from "../widget";

export interface Settings {
  labels: readonly StatedLabel[];
  field?: string;
}
/** size: [height, width] in pixels of the upright image.  counts: COCO's run lengths as text. */
export interface Region {
  label: string;
  size: readonly [number, number];
  counts: string;
}
/** brushSize: diameter as a share of the image's shorter side.  past: before each stroke.  begun: strokes not yet coded. */
export interface Draft extends Drawn<Region> {
  erases: boolean;
  brushSize: number;
  past: readonly (readonly Region[])[];
  begun: number;
}
export type Value = readonly Region[] | Draft | null;
export type Action =
  | RegionAction<Region>
  | { begin: true }
  /** What a stroke made of the chosen region, or a new one; isEmpty: nothing is left of it. */
  | { paint: { size: readonly [number, number]; counts: string; isEmpty: boolean } }
  | { undoStroke: true }
  | { erase: true }
  | { bigger: 1 | -1 }
  | { another: true }
  /** No stroke is on its way: the page was opened anew. */
  | { settle: true };

const MOST_UNDO = 30;
const NEW = { erases: false, brushSize: 0.06, past: [], begun: 0 } as const;

export function draftOf(value: Value, settings: Settings): Draft {
  const begun = value !== null && "past" in value ? value : null;
  return begun ?? { ...drawnOf<Region>(value as readonly Region[] | null, settings), ...NEW };
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion === null ? null : draftOf(suggestion, settings);
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  const draft = draftOf(value, settings);
  const region = chosenOf(draft);
  if ("begin" in action) {
    return { ...draft, begun: draft.begun + 1 };
  }
  if ("settle" in action) {
    return { ...draft, begun: 0 };
  }
  if ("paint" in action) {
    const { isEmpty, ...painted } = action.paint;
    const before = { ...draft, begun: Math.max(0, draft.begun - 1) };
    const kept = { ...before, past: [...draft.past, draft.regions].slice(-MOST_UNDO) };
    if (region === null) {
      const put = { ...painted, label: nextLabel(draft, settings) };
      return isEmpty ? before : { ...kept, ...reduceRegions(kept, { put }, settings, isSame) };
    }
    return isEmpty
      ? { ...kept, ...reduceRegions<Region>(kept, { remove: true }, settings, isSame) }
      : { ...kept, ...replaced(kept, { ...region, ...painted }) };
  }
  if ("undoStroke" in action) {
    const last = draft.past[draft.past.length - 1];
    if (last === undefined) {
      return value;
    }
    const chosen = draft.chosen !== null && draft.chosen < last.length ? draft.chosen : null;
    return { ...draft, regions: last, past: draft.past.slice(0, -1), chosen, isAnswered: last.length > 0 };
  }
  if ("erase" in action) {
    return { ...draft, erases: !draft.erases };
  }
  if ("bigger" in action) {
    return { ...draft, brushSize: between(0.004, draft.brushSize * (action.bigger > 0 ? 1.25 : 0.8), 0.6) };
  }
  if ("another" in action) {
    return { ...draft, chosen: null, erases: false };
  }
  const next = reduceRegions<Region>(draft, action, settings, isSame);
  return {
    ...draft,
    ...next,
    past: next.regions === draft.regions ? draft.past : [...draft.past, draft.regions],
  };
}

export function problems(value: Value, settings: Settings): Reason[] {
  const { regions, isAnswered, begun } = draftOf(value, settings);
  return [
    ...(isAnswered || begun > 0 ? [] : [{ text: t("Paint what applies, or say that there is nothing.") }]),
    ...(begun > 0 ? [{ text: t("The last stroke is still being kept; try again in a moment.") }] : []),
    ...(isTwice(regions, isSame) ? [{ text: t("One region is there twice; remove one.") }] : []),
  ];
}

export function submitted(value: Value, settings: Settings): readonly Region[] {
  return draftOf(value, settings).regions;
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return [
    ...labelKeys(settings),
    { action: { erase: true }, label: t("brush or eraser") },
    { action: { bigger: -1 }, label: t("smaller brush") },
    { action: { bigger: 1 }, label: t("larger brush") },
    { action: { undoStroke: true }, label: t("take back the last stroke") },
    { action: { another: true }, label: t("begin another region") },
    { action: { step: 1 }, label: t("choose the next region") },
    { action: { remove: true }, label: t("remove the region") },
    { action: { nothing: true }, label: t("nothing to paint") },
  ];
}

export function describe(value: Value, settings: Settings): string {
  const { regions } = draftOf(value, settings);
  const titles = titlesOf(settings);
  return regions.length === 0
    ? t("no regions")
    : regions.map((one) => titles.get(one.label) ?? one.label).join(", ");
}

function isSame(a: Region, b: Region): boolean {
  return a.label === b.label && a.counts === b.counts && a.size[0] === b.size[0] && a.size[1] === b.size[1];
}
