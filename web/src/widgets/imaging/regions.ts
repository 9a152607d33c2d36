/** What every question that draws on an image keeps: its regions, which one keys change, and the label of the next. */

import type { KeyBinding, StatedLabel } from "../widget";
import { labelsOf } from "../widget";

export interface Labelled {
  label: string;
}

/** In the making. chosen: the place of the region that keys change.  brush: the label of the next one. */
export interface Drawn<R extends Labelled> {
  regions: readonly R[];
  chosen: number | null;
  brush: string | null;
  isAnswered: boolean;
}

export type RegionAction<R> =
  | { label: string }
  | { choose: number | null }
  | { step: 1 }
  | { remove: true }
  | { nothing: true }
  /** A new region; its label is that of the next one. */
  | { put: R }
  /** The chosen one in another shape. */
  | { reshape: R }
  /** Those of the item before. */
  | { paste: readonly R[] };

interface Labels {
  labels: readonly StatedLabel[];
}

export const NOTHING_DRAWN = { regions: [], chosen: null, brush: null, isAnswered: false } as const;

/** Read a draft, a finished value (from a suggestion, say), or nothing. Labels that the schema lost are left out. */
export function drawnOf<R extends Labelled>(
  value: readonly R[] | Drawn<R> | null,
  settings: Labels,
): Drawn<R> {
  if (value === null) {
    return NOTHING_DRAWN;
  }
  if ("regions" in value) {
    return value;
  }
  const known = new Set(labelsOf(settings).map((label) => label.value));
  return { ...NOTHING_DRAWN, regions: value.filter((one) => known.has(one.label)), isAnswered: true };
}

export function nextLabel(drawn: Drawn<Labelled>, settings: Labels): string {
  return drawn.brush ?? labelsOf(settings)[0]?.value ?? "";
}

/** The chosen region, or null. */
export function chosenOf<R extends Labelled>(drawn: Drawn<R>): R | null {
  return drawn.chosen === null ? null : (drawn.regions[drawn.chosen] ?? null);
}

/** Give the draft after an action that all regions know. isSame: nothing is there twice. */
export function reduceRegions<R extends Labelled>(
  drawn: Drawn<R>,
  action: RegionAction<R>,
  settings: Labels,
  isSame: (a: R, b: R) => boolean,
): Drawn<R> {
  const { regions, chosen } = drawn;
  const region = chosenOf(drawn);
  const isNew = (one: R) => !regions.some((other) => isSame(one, other));
  if ("label" in action) {
    if (!labelsOf(settings).some((label) => label.value === action.label)) {
      return drawn;
    }
    const brushed = { ...drawn, brush: action.label };
    return region === null ? brushed : replaced(brushed, { ...region, label: action.label });
  }
  if ("put" in action) {
    const one = { ...action.put, label: nextLabel(drawn, settings) };
    return isNew(one)
      ? { ...drawn, regions: [...regions, one], chosen: regions.length, isAnswered: true }
      : drawn;
  }
  if ("paste" in action) {
    const known = new Set(labelsOf(settings).map((label) => label.value));
    const added = action.paste.filter((one) => known.has(one.label) && isNew(one));
    return added.length === 0
      ? drawn
      : { ...drawn, regions: [...regions, ...added], chosen: null, isAnswered: true };
  }
  if ("choose" in action) {
    return { ...drawn, chosen: action.choose };
  }
  if ("step" in action) {
    return { ...drawn, chosen: regions.length === 0 ? null : ((chosen ?? -1) + 1) % regions.length };
  }
  if ("nothing" in action) {
    const isNothing = drawn.isAnswered && regions.length === 0;
    return { ...drawn, regions: [], chosen: null, isAnswered: !isNothing };
  }
  if (region === null) {
    return drawn;
  }
  if ("remove" in action) {
    const others = regions.filter((one) => one !== region);
    return { ...drawn, regions: others, chosen: null, isAnswered: others.length > 0 };
  }
  return replaced(drawn, action.reshape);
}

/** Put a region in the place of the chosen one. */
export function replaced<R extends Labelled>(drawn: Drawn<R>, next: R): Drawn<R> {
  return { ...drawn, regions: drawn.regions.map((one, at) => (at === drawn.chosen ? next : one)) };
}

export function isTwice<R>(regions: readonly R[], isSame: (a: R, b: R) => boolean): boolean {
  return regions.some((one, at) => regions.slice(0, at).some((other) => isSame(one, other)));
}

/** One key per label: it labels what is chosen, and what comes next. */
export function labelKeys(settings: Labels): KeyBinding<{ label: string }>[] {
  return labelsOf(settings).map(({ value, title }) => ({ action: { label: value }, label: title }));
}

export function titlesOf(settings: Labels): Map<string, string> {
  return new Map(labelsOf(settings).map((label) => [label.value, label.title]));
}
