/** The stretch of time that is in sight, and how it is moved. Pure. */

export interface Extent {
  from: number;
  to: number;
}

/** The closest look where nothing else limits it: a share of the whole. */
export const CLOSEST = 1e-6;

/** Look closer (factor < 1) or from further away, with `about` staying where it is on the screen. */
export function zoomed(
  view: Extent,
  whole: Extent,
  factor: number,
  about: number,
  closest: number = CLOSEST,
): Extent {
  const length = whole.to - whole.from;
  const wanted = Math.max(length * closest, Math.min(length, (view.to - view.from) * factor));
  const share =
    (between(view.from, about, view.to) - view.from) / Math.max(view.to - view.from, Number.MIN_VALUE);
  return within({ from: about - share * wanted, to: about + (1 - share) * wanted }, whole);
}

/** Move by a share of what is in sight. */
export function panned(view: Extent, whole: Extent, share: number): Extent {
  const by = (view.to - view.from) * share;
  return within({ from: view.from + by, to: view.to + by }, whole);
}

/** The view that has a moment in sight: the same where it already has. */
export function following(view: Extent, whole: Extent, time: number): Extent {
  if (view.from <= time && time <= view.to) {
    return view;
  }
  const length = view.to - view.from;
  return within({ from: time - length * 0.1, to: time + length * 0.9 }, whole);
}

function within(view: Extent, whole: Extent): Extent {
  const length = Math.min(view.to - view.from, whole.to - whole.from);
  const from = between(whole.from, view.from, whole.to - length);
  return { from, to: from + length };
}

/** Where a moment stands, in percent of the width. */
export function placeOf(view: Extent, time: number): number {
  return ((time - view.from) / Math.max(view.to - view.from, Number.MIN_VALUE)) * 100;
}

export function timeAt(view: Extent, share: number): number {
  return view.from + (view.to - view.from) * between(0, share, 1);
}

/** How far one press of an arrow goes: a round figure, finer the closer one looks. */
export function stepOf(view: Extent, least = 0): number {
  const wanted = (view.to - view.from) / 100;
  const power = 10 ** Math.floor(Math.log10(Math.max(wanted, 1e-9)));
  const round = [5, 2, 1].map((times) => times * power).find((one) => one <= wanted * 1.000001) ?? power;
  return Math.max(round, least);
}

/** A moment in words: 1:02.35 of a recording; of anything else, the number itself. */
export function clock(time: number, isClock: boolean, digits = 2): string {
  if (!isClock) {
    return String(Number(time.toFixed(6)));
  }
  const rounded = Number(Math.abs(time).toFixed(digits));
  const minutes = Math.floor(rounded / 60);
  const seconds = (rounded - minutes * 60).toFixed(digits).padStart(digits > 0 ? digits + 3 : 2, "0");
  const sign = time < 0 && rounded > 0 ? "−" : "";
  return minutes >= 60
    ? `${sign}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${seconds}`
    : `${sign}${minutes}:${seconds}`;
}

/** Round figures to write below what is in sight. */
export function ticksOf(view: Extent, most: number): number[] {
  const length = view.to - view.from;
  if (!(length > 0)) {
    return [];
  }
  const power = 10 ** Math.floor(Math.log10(length / most));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => length / one <= most) ?? 10 * power;
  const first = Math.ceil(view.from / step - 1e-9);
  const last = Math.floor(view.to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
}

/** Which lane each mark lies in, so that none covers another. */
export function lanesOf(marks: readonly { start: number; end: number }[]): number[] {
  const ends: number[] = [];
  const lanes: number[] = marks.map(() => 0);
  const order = marks
    .map((_, place) => place)
    .sort((a, b) => at(marks, a).start - at(marks, b).start || a - b);
  for (const place of order) {
    const { start, end } = at(marks, place);
    const free = ends.findIndex((until) => until <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = end;
    lanes[place] = lane;
  }
  return lanes;
}

function at<T>(list: readonly T[], place: number): T {
  return list[place] as T;
}

export function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
