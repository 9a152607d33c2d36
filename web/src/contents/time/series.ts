/** Time series as items carry them, and made small enough to draw. The server reads the same forms (tasks/series.py). */

import type { Extent } from "./view";

export interface Channel {
  name: string;
  y: readonly (number | null)[];
}

export interface Series {
  /** The times of the points; null = evenly spaced, `rate` to the second. */
  t: readonly number[] | null;
  rate: number;
  /** Whether the times are counted in points alone. */
  isCounted: boolean;
  channels: readonly Channel[];
  length: number;
}

/** Read [1, 2], or {"y": [..] | [[..], [..]] | {"name": [..]}, "t"?: [..], "rate"?: 100}; null where it is none. */
export function seriesOf(value: unknown): Series | null {
  if (isNumbers(value)) {
    return evenly([{ name: "", y: value }], undefined);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || !("y" in value)) {
    return null;
  }
  const { y, t, rate } = value as { y: unknown; t?: unknown; rate?: unknown };
  const channels = channelsOf(y);
  if (channels === null) {
    return null;
  }
  const even = evenly(channels, typeof rate === "number" && rate > 0 ? rate : undefined);
  if (!isNumbers(t)) {
    return even;
  }
  const length = Math.min(even.length, t.length);
  return { ...even, t: t as readonly number[], length, isCounted: false };
}

export function extentOf(series: Series, inSamples: boolean): Extent {
  if (inSamples) {
    return { from: 0, to: series.length };
  }
  if (series.t !== null) {
    return { from: series.t[0] ?? 0, to: series.t[series.length - 1] ?? 1 };
  }
  return { from: 0, to: series.length / series.rate };
}

export interface Drawn {
  x: number[];
  y: (number | null)[][];
}

/** Give at most two points for each of `columns` columns: the least and the greatest, in their order.
 *
 * No peak is lost, however many points there are.
 */
export function drawable(series: Series, view: Extent, columns: number, inSamples: boolean): Drawn {
  const time = timeOf(series, inSamples);
  const first = Math.max(0, firstAt(time, series.length, view.from) - 1);
  const last = Math.min(series.length, firstAt(time, series.length, view.to) + 2);
  const count = last - first;
  if (count <= columns * 2) {
    const x = Array.from({ length: Math.max(0, count) }, (_, n) => time(first + n));
    return { x, y: series.channels.map(({ y }) => x.map((_, n) => y[first + n] ?? null)) };
  }
  const x: number[] = [];
  const edges = Array.from({ length: columns + 1 }, (_, n) => first + Math.floor((count * n) / columns));
  for (let column = 0; column < columns; column += 1) {
    const [from, to] = [edges[column] as number, edges[column + 1] as number];
    x.push(time(from), time(Math.max(from, to - 1)));
  }
  return { x: strictly(x), y: series.channels.map(({ y }) => extremes(y, edges)) };
}

function extremes(y: readonly (number | null)[], edges: readonly number[]): (number | null)[] {
  const found: (number | null)[] = [];
  for (let column = 0; column + 1 < edges.length; column += 1) {
    let [least, greatest] = [-1, -1];
    for (let n = edges[column] as number; n < (edges[column + 1] as number); n += 1) {
      const value = y[n];
      if (typeof value === "number") {
        least = least < 0 || value < (y[least] as number) ? n : least;
        greatest = greatest < 0 || value > (y[greatest] as number) ? n : greatest;
      }
    }
    const [one, other] = least <= greatest ? [least, greatest] : [greatest, least];
    found.push(one < 0 ? null : (y[one] ?? null), other < 0 ? null : (y[other] ?? null));
  }
  return found;
}

/** Times must grow for the plot; columns of one point have the same twice. */
function strictly(x: number[]): number[] {
  for (let n = 1; n < x.length; n += 1) {
    if ((x[n] as number) <= (x[n - 1] as number)) {
      x[n] = (x[n - 1] as number) + Math.abs(x[n - 1] as number) * 1e-12 + 1e-12;
    }
  }
  return x;
}

/** The value of each channel at a moment: of the last point before it. */
export function valuesAt(series: Series, moment: number, inSamples: boolean): (number | null)[] {
  const time = timeOf(series, inSamples);
  const place = firstAt(time, series.length, moment);
  const at = place < series.length && time(place) === moment ? place : Math.max(0, place - 1);
  return series.channels.map(({ y }) => y[at] ?? null);
}

/** The least and the greatest value, with a little room; never the same. */
export function rangeOf({ y }: Channel): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of y) {
    if (typeof value === "number") {
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
  }
  if (!(low < high)) {
    return Number.isFinite(low) ? [low - 1, low + 1] : [0, 1];
  }
  const room = (high - low) * 0.06;
  return [low - room, high + room];
}

function timeOf({ t, rate }: Series, inSamples: boolean): (place: number) => number {
  return inSamples ? (place) => place : t === null ? (place) => place / rate : (place) => t[place] as number;
}

/** The first point not before a moment. */
function firstAt(time: (place: number) => number, length: number, moment: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time(middle) < moment) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function evenly(channels: readonly Channel[], rate: number | undefined): Series {
  const length = Math.max(...channels.map(({ y }) => y.length));
  return { t: null, rate: rate ?? 1, isCounted: rate === undefined, channels, length };
}

function channelsOf(y: unknown): Channel[] | null {
  if (isNumbers(y)) {
    return [{ name: "", y }];
  }
  if (typeof y !== "object" || y === null) {
    return null;
  }
  const named: [string, unknown][] = Array.isArray(y)
    ? y.map((one, place) => [String(place + 1), one])
    : Object.entries(y);
  const channels = named.flatMap(([name, one]) => (isNumbers(one) ? [{ name, y: one }] : []));
  return channels.length > 0 && channels.length === named.length ? channels : null;
}

/** Judged by both ends, as the server does: a million points are not walked through for it. */
function isNumbers(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    typeof value[0] === "number" &&
    typeof value[value.length - 1] === "number"
  );
}
