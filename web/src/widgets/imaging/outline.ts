/** Outlines of corners: whether they cross themselves, what lies inside. The server judges by the same rules. */

import type { Spot } from "./view";

export function signedArea(points: readonly Spot[]): number {
  let sum = 0;
  for (const [a, b] of sides(points)) {
    sum += a.x * b.y - b.x * a.y;
  }
  return sum / 2;
}

/** Two sides (by the place of their first corner) that cross or touch where they should not; null = none do. */
export function crossing(points: readonly Spot[]): readonly [number, number] | null {
  const all = sides(points);
  for (let i = 0; i < all.length; i += 1) {
    const [a, b] = all[i] as Side;
    const [, c] = all[(i + 1) % all.length] as Side;
    if (turn(a, b, c) === 0 && (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) < 0) {
      return [i, (i + 1) % all.length];
    }
    for (let j = i + 2; j < all.length; j += 1) {
      const areNeighbours = i === 0 && j === all.length - 1;
      if (!areNeighbours && meet([a, b], all[j] as Side)) {
        return [i, j];
      }
    }
  }
  return null;
}

export function isWithin(points: readonly Spot[], { x, y }: Spot): boolean {
  let inside = false;
  for (const [a, b] of sides(points)) {
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) {
      inside = !inside;
    }
  }
  return inside;
}

type Side = readonly [Spot, Spot];

function sides(points: readonly Spot[]): Side[] {
  return points.map((point, at) => [point, points[(at + 1) % points.length] ?? point]);
}

function turn(a: Spot, b: Spot, c: Spot): number {
  return Math.sign((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));
}

function meet([a, b]: Side, [c, d]: Side): boolean {
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  return (
    (abc * abd < 0 && cda * cdb < 0) ||
    (abc === 0 && isOn(a, b, c)) ||
    (abd === 0 && isOn(a, b, d)) ||
    (cda === 0 && isOn(c, d, a)) ||
    (cdb === 0 && isOn(c, d, b))
  );
}

function isOn(a: Spot, b: Spot, point: Spot): boolean {
  return (
    Math.min(a.x, b.x) <= point.x &&
    point.x <= Math.max(a.x, b.x) &&
    Math.min(a.y, b.y) <= point.y &&
    point.y <= Math.max(a.y, b.y)
  );
}
