/** Draw polygons around things in an image: corner by corner, closed with Enter or on the first corner. */

import { t } from "../../words/words";
import { crossing, isWithin, signedArea } from "../imaging/outline";
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
import { between, rounded, type Spot } from "../imaging/view";
import type { KeyBinding, Reason, StatedLabel } from "../widget";

export interface Settings {
  labels: readonly StatedLabel[];
  field?: string;
}
export type Corner = readonly [x: number, y: number];
export interface Polygon {
  points: readonly Corner[];
  label: string;
}
/** open: the corners of one that is being drawn.  corner: the one that keys move.  refusal: why the last act was not done. */
export interface Draft extends Drawn<Polygon> {
  open: readonly Corner[];
  corner: number | null;
  refusal: string | null;
}
export type Value = readonly Polygon[] | Draft | null;
export type Action =
  | RegionAction<Polygon>
  | { point: Spot }
  | { close: true }
  | { unpoint: true }
  | { abandon: true }
  | { corner: number | null }
  | { nextCorner: true }
  /** After a corner, in the middle of its side unless a place is given. */
  | { insert: number; at?: Spot }
  | { insertCorner: true }
  | { removeCorner: true }
  /** Move the chosen corner, else the whole polygon. */
  | { shift: Spot };

export function draftOf(value: Value, settings: Settings): Draft {
  const begun = value !== null && "open" in value ? value : null;
  return (
    begun ?? {
      ...drawnOf<Polygon>(value as readonly Polygon[] | null, settings),
      open: [],
      corner: null,
      refusal: null,
    }
  );
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion === null ? null : draftOf(suggestion, settings);
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  const draft = { ...draftOf(value, settings), refusal: null };
  const polygon = chosenOf(draft);
  if ("point" in action) {
    const next = corner(action.point);
    const isRepeated = draft.open.some((one) => isSameCorner(one, next));
    return isRepeated
      ? { ...draft, refusal: t("There is a corner at this place already.") }
      : { ...draft, open: [...draft.open, next], chosen: null, corner: null };
  }
  if ("close" in action) {
    const refusal = draft.open.length === 0 ? null : refusalOf(draft.open);
    if (draft.open.length === 0 || refusal !== null) {
      return refusal === null ? value : { ...draft, refusal };
    }
    const put = { points: canonical(draft.open), label: "" };
    return { ...draft, ...reduceRegions(draft, { put }, settings, isSame), open: [] };
  }
  if ("unpoint" in action) {
    return draft.open.length === 0 ? value : { ...draft, open: draft.open.slice(0, -1) };
  }
  if ("abandon" in action) {
    return { ...draft, open: [] };
  }
  if ("corner" in action) {
    return { ...draft, corner: polygon === null ? null : action.corner };
  }
  if ("nextCorner" in action) {
    return polygon === null
      ? value
      : { ...draft, corner: ((draft.corner ?? -1) + 1) % polygon.points.length };
  }
  if ("insert" in action || "insertCorner" in action) {
    const after = "insert" in action ? action.insert : draft.corner;
    if (polygon === null || after === null) {
      return value;
    }
    const at = "insert" in action && action.at !== undefined ? corner(action.at) : middle(polygon, after);
    const points = [...polygon.points.slice(0, after + 1), at, ...polygon.points.slice(after + 1)];
    return shaped(draft, polygon, points, after + 1);
  }
  if ("removeCorner" in action) {
    if (polygon === null || draft.corner === null) {
      return value;
    }
    const points = polygon.points.filter((_, at) => at !== draft.corner);
    return shaped(draft, polygon, points, null);
  }
  if ("shift" in action) {
    return polygon === null
      ? value
      : shaped(draft, polygon, shifted(polygon, draft.corner, action.shift), draft.corner);
  }
  if ("reshape" in action) {
    return polygon === null ? value : shaped(draft, polygon, action.reshape.points, draft.corner);
  }
  const next = reduceRegions(draft, action, settings, isSame);
  const isAsBefore = next === draft || (next as Draft).regions === draft.regions;
  return { ...draft, ...next, corner: isAsBefore && next.chosen === draft.chosen ? draft.corner : null };
}

/** The same polygon through other corners, unless they cannot be: then it says why, and stays. */
function shaped(draft: Draft, polygon: Polygon, points: readonly Corner[], chosen: number | null): Draft {
  const refusal = refusalOf(points);
  return refusal === null
    ? {
        ...draft,
        ...replaced(draft, { ...polygon, points: points.map(([x, y]) => corner({ x, y })) }),
        corner: chosen,
      }
    : { ...draft, refusal };
}

/** Why these corners are no polygon, as a sentence; null when they are one. */
export function refusalOf(points: readonly Corner[]): string | null {
  if (points.length < 3) {
    return t("A polygon has at least three corners.");
  }
  const spots = points.map(spotOf);
  const found = crossing(spots);
  if (found !== null) {
    return t(
      "The side from corner {{one}} meets the side from corner {{other}}: move or take back a corner.",
      {
        one: found[0] + 1,
        other: found[1] + 1,
      },
    );
  }
  return Math.abs(signedArea(spots)) < 1e-12 ? t("These corners enclose nothing.") : null;
}

export function problems(value: Value, settings: Settings): Reason[] {
  const { regions, isAnswered, open } = draftOf(value, settings);
  return [
    ...(isAnswered || open.length > 0
      ? []
      : [{ text: t("Draw a polygon around what applies, or say that there is nothing.") }]),
    ...(open.length > 0
      ? [{ text: t("A polygon is not closed yet: Enter closes it, Escape drops it.") }]
      : []),
    ...(isTwice(regions, isSame) ? [{ text: t("One polygon is there twice; remove one.") }] : []),
  ];
}

export function submitted(value: Value, settings: Settings): readonly Polygon[] {
  return draftOf(value, settings).regions.map(({ points, label }) => ({ points: canonical(points), label }));
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return [
    ...labelKeys(settings),
    { action: { step: 1 }, label: t("choose the next polygon") },
    { action: { nextCorner: true }, label: t("choose its next corner") },
    { action: { insertCorner: true }, label: t("add a corner after it") },
    { action: { removeCorner: true }, label: t("remove the corner") },
    { action: { remove: true }, label: t("remove the polygon") },
    { action: { nothing: true }, label: t("nothing to draw") },
  ];
}

export function describe(value: Value, settings: Settings): string {
  const { regions } = draftOf(value, settings);
  const titles = titlesOf(settings);
  return regions.length === 0
    ? t("no polygons")
    : regions.map((one) => titles.get(one.label) ?? one.label).join(", ");
}

/** The smallest polygon at a place. */
export function under(spot: Spot, polygons: readonly Polygon[]): number | null {
  const hit = polygons
    .map((one, at) => ({ at, points: one.points.map(spotOf) }))
    .filter(({ points }) => isWithin(points, spot))
    .sort((a, b) => Math.abs(signedArea(a.points)) - Math.abs(signedArea(b.points)));
  return hit[0]?.at ?? null;
}

export function shifted(polygon: Polygon, chosen: number | null, by: Spot): readonly Corner[] {
  if (chosen !== null) {
    return polygon.points.map((one, at) =>
      at === chosen ? corner({ x: one[0] + by.x, y: one[1] + by.y }) : one,
    );
  }
  const xs = polygon.points.map(([x]) => x);
  const ys = polygon.points.map(([, y]) => y);
  const x = between(-Math.min(...xs), by.x, 1 - Math.max(...xs));
  const y = between(-Math.min(...ys), by.y, 1 - Math.max(...ys));
  return polygon.points.map((one) => corner({ x: one[0] + x, y: one[1] + y }));
}

export function spotOf([x, y]: Corner): Spot {
  return { x, y };
}

export function middle(polygon: Polygon, after: number): Corner {
  const [a, b] = [polygon.points[after], polygon.points[(after + 1) % polygon.points.length]];
  return corner({ x: ((a?.[0] ?? 0) + (b?.[0] ?? 0)) / 2, y: ((a?.[1] ?? 0) + (b?.[1] ?? 0)) / 2 });
}

function corner({ x, y }: Spot): Corner {
  return [rounded(between(0, x, 1)), rounded(between(0, y, 1))];
}

/** Clockwise from the first in order, as the server writes it. */
function canonical(points: readonly Corner[]): readonly Corner[] {
  const turned = signedArea(points.map(spotOf)) > 0 ? [...points] : [...points].reverse();
  const first = turned.reduce((best, one, at) => {
    const least = turned[best] ?? one;
    return one[0] < least[0] || (one[0] === least[0] && one[1] < least[1]) ? at : best;
  }, 0);
  return [...turned.slice(first), ...turned.slice(0, first)];
}

function isSameCorner(a: Corner, b: Corner): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function isSame(a: Polygon, b: Polygon): boolean {
  return a.label === b.label && JSON.stringify(canonical(a.points)) === JSON.stringify(canonical(b.points));
}
