/** Mark named points of things in an image, one after the other; each is seen, covered, or not there. */

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
import { between, rounded, type Spot } from "../imaging/view";
import type { KeyBinding, Reason, StatedLabel } from "../widget";

export interface Settings {
  labels: readonly StatedLabel[];
  points: readonly string[];
  skeleton?: readonly (readonly [string, string])[];
  field?: string;
}
/** COCO's: 0 = not marked, 1 = marked but covered, 2 = seen. */
export type Visibility = 0 | 1 | 2;
export interface Point extends Spot {
  visibility: Visibility;
}
export interface Figure {
  label: string;
  points: Readonly<Record<string, Point>>;
}
/** point: the name that comes next, or that keys move. */
export interface Draft extends Drawn<Figure> {
  point: string;
}
export type Value = readonly Figure[] | Draft | null;
export type Action =
  | RegionAction<Figure>
  /** Put the next point here; a new figure where none is chosen. */
  | { mark: Spot }
  | { point: string }
  | { nextPoint: true }
  | { cover: true }
  | { absent: true }
  | { another: true }
  /** Move the point, where it is marked. */
  | { shift: Spot };

const ABSENT: Point = { x: 0, y: 0, visibility: 0 };

export function draftOf(value: Value, settings: Settings): Draft {
  const begun = value !== null && "point" in value ? value : null;
  return (
    begun ?? {
      ...drawnOf<Figure>(value as readonly Figure[] | null, settings),
      point: settings.points[0] ?? "",
    }
  );
}

export function initial(settings: Settings, suggestion: Value): Value {
  return suggestion === null ? null : draftOf(suggestion, settings);
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  const draft = draftOf(value, settings);
  const figure = chosenOf(draft);
  const first = settings.points[0] ?? "";
  if ("mark" in action) {
    const point: Point = { ...spot(action.mark), visibility: 2 };
    if (figure === null) {
      const points = Object.fromEntries(
        settings.points.map((name) => [name, name === draft.point ? point : ABSENT]),
      );
      const begun = { label: nextLabel(draft, settings), points };
      const regions = [...draft.regions, begun];
      return {
        ...draft,
        regions,
        chosen: regions.length - 1,
        isAnswered: true,
        point: after(draft.point, begun, settings),
      };
    }
    const marked = withPoint(figure, draft.point, point);
    return { ...replacedIn(draft, marked), point: after(draft.point, marked, settings) };
  }
  if ("another" in action) {
    return { ...draft, chosen: null, point: first };
  }
  if ("point" in action) {
    return settings.points.includes(action.point) ? { ...draft, point: action.point } : value;
  }
  if ("nextPoint" in action) {
    return { ...draft, point: following(draft.point, settings) };
  }
  if ("cover" in action || "absent" in action || "shift" in action) {
    const point = figure?.points[draft.point];
    if (figure === null || point === undefined) {
      return value;
    }
    if ("absent" in action) {
      return {
        ...replacedIn(draft, withPoint(figure, draft.point, ABSENT)),
        point: following(draft.point, settings),
      };
    }
    if (point.visibility === 0) {
      return value;
    }
    const next: Point =
      "cover" in action
        ? { ...point, visibility: point.visibility === 2 ? 1 : 2 }
        : { ...point, ...spot({ x: point.x + action.shift.x, y: point.y + action.shift.y }) };
    return replacedIn(draft, withPoint(figure, draft.point, next));
  }
  const next = reduceRegions<Figure>(draft, action, settings, isSame);
  return { ...draft, ...next, point: next.chosen === draft.chosen ? draft.point : first };
}

export function problems(value: Value, settings: Settings): Reason[] {
  const { regions, isAnswered } = draftOf(value, settings);
  const empty = regions.findIndex((one) =>
    Object.values(one.points).every((point) => point.visibility === 0),
  );
  return [
    ...(isAnswered ? [] : [{ text: t("Mark the points of what applies, or say that there is nothing.") }]),
    ...(empty < 0
      ? []
      : [{ text: t("Object {{number}} has no point: mark one, or remove it.", { number: empty + 1 }) }]),
    ...(isTwice(regions, isSame) ? [{ text: t("One object is there twice; remove one.") }] : []),
  ];
}

export function submitted(value: Value, settings: Settings): readonly Figure[] {
  return draftOf(value, settings).regions;
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  return [
    ...labelKeys(settings),
    { action: { nextPoint: true }, label: t("go to the next point") },
    { action: { cover: true }, label: t("the point is covered, or seen") },
    { action: { absent: true }, label: t("the point is not in the image") },
    { action: { another: true }, label: t("begin another object") },
    { action: { step: 1 }, label: t("choose the next object") },
    { action: { remove: true }, label: t("remove the object") },
    { action: { nothing: true }, label: t("nothing to mark") },
  ];
}

export function describe(value: Value, settings: Settings): string {
  const { regions } = draftOf(value, settings);
  const titles = titlesOf(settings);
  return regions.length === 0
    ? t("no objects")
    : regions.map((one) => `${titles.get(one.label) ?? one.label} (${markedIn(one)})`).join(", ");
}

export function markedIn(figure: Figure): number {
  return Object.values(figure.points).filter((point) => point.visibility > 0).length;
}

/** The marked point nearest to a place, within reach. */
export function under(
  at: Spot,
  reach: Spot,
  figures: readonly Figure[],
): { figure: number; point: string } | null {
  const near = figures.flatMap((one, figure) =>
    Object.entries(one.points)
      .filter(([, { visibility }]) => visibility > 0)
      .map(([point, { x, y }]) => ({
        figure,
        point,
        away: Math.hypot((x - at.x) / reach.x, (y - at.y) / reach.y),
      })),
  );
  const [nearest] = near.sort((a, b) => a.away - b.away);
  return nearest !== undefined && nearest.away <= 1.5 ? nearest : null;
}

function following(point: string, settings: Settings): string {
  const { points } = settings;
  return points[(points.indexOf(point) + 1) % points.length] ?? point;
}

/** The next point that is not marked yet; where all are, it stays. */
function after(point: string, figure: Figure, settings: Settings): string {
  let next = following(point, settings);
  while (next !== point && (figure.points[next]?.visibility ?? 0) > 0) {
    next = following(next, settings);
  }
  return next;
}

function withPoint(figure: Figure, name: string, point: Point): Figure {
  return { ...figure, points: { ...figure.points, [name]: point } };
}

function replacedIn(draft: Draft, figure: Figure): Draft {
  return { ...draft, ...replaced(draft, figure) };
}

function spot({ x, y }: Spot): Spot {
  return { x: rounded(between(0, x, 1)), y: rounded(between(0, y, 1)) };
}

function isSame(a: Figure, b: Figure): boolean {
  return a.label === b.label && JSON.stringify(a.points) === JSON.stringify(b.points);
}
