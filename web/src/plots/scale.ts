/** Lines between what is known and where it is drawn. */

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export const FRAME: Frame = { width: 460, height: 300, left: 48, right: 16, top: 14, bottom: 42 };

/** Give the function from [low, high] to pixels across the frame. */
export function across(frame: Frame, low: number, high: number): (value: number) => number {
  const span = frame.width - frame.left - frame.right;
  return (value) => round(frame.left + ((value - low) / (high - low || 1)) * span);
}

/** Give the function from [low, high] to pixels up the frame. */
export function upwards(frame: Frame, low: number, high: number): (value: number) => number {
  const span = frame.height - frame.top - frame.bottom;
  return (value) => round(frame.height - frame.bottom - ((value - low) / (high - low || 1)) * span);
}

/** About `wanted` round values from 0 to at least `high`. */
export function ticks(high: number, wanted = 5): number[] {
  const rough = high / wanted;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10) * power;
  const count = Math.ceil(high / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, place) => Number((place * step).toPrecision(6)));
}

export function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], place) => `${place === 0 ? "M" : "L"}${x} ${y}`).join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
