/** Upright boxes as shares of a picture. Pure. */

import { between, rounded, type Spot } from "./view";

export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where a box of no size of its own stands: in the middle. */
export const MIDDLE: Frame = { x: 0.3, y: 0.3, width: 0.4, height: 0.4 };

/** The box between two corners. */
export function frameOf(a: Spot, b: Spot): Frame {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

/** What of it is in the picture. */
export function clipped({ x, y, width, height }: Frame): Frame {
  const [left, top] = [between(0, x, 1), between(0, y, 1)];
  return toMillionths({
    x: left,
    y: top,
    width: between(0, x + width, 1) - left,
    height: between(0, y + height, 1) - top,
  });
}

/** To a millionth of the picture, as the server keeps it, and never beyond its edge. */
export function toMillionths({ x, y, width, height }: Frame): Frame {
  const [left, top] = [rounded(x), rounded(y)];
  return {
    x: left,
    y: top,
    width: rounded(Math.min(width, 1 - left)),
    height: rounded(Math.min(height, 1 - top)),
  };
}
