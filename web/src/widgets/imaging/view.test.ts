import { expect, test } from "vitest";
import { MOST_ZOOM, panned, placed, showing, spotAt, WHOLE, zoomed } from "./view";

test("what is under the pointer stays there while zooming", () => {
  const at = { x: 0.8, y: 0.3 };
  let view = WHOLE;
  for (const factor of [1.5, 2, 1.2, 0.7]) {
    const before = spotAt(view, at);
    view = zoomed(view, factor, at);
    expect(spotAt(view, at).x).toBeCloseTo(before.x, 9);
    expect(spotAt(view, at).y).toBeCloseTo(before.y, 9);
  }
});

test("a place and where it is seen are each other's inverse", () => {
  const view = zoomed(WHOLE, 3, { x: 0.4, y: 0.9 });
  const seen = placed(view, { x: 0.5, y: 0.8 });
  expect(spotAt(view, seen).x).toBeCloseTo(0.5, 9);
  expect(spotAt(view, seen).y).toBeCloseTo(0.8, 9);
});

test("the window never leaves the image, and never shows less than can be seen", () => {
  expect(zoomed(WHOLE, 0.1)).toEqual(WHOLE);
  expect(zoomed(WHOLE, 1e9).zoom).toBe(MOST_ZOOM);
  expect(panned(WHOLE, { x: 0.4, y: -0.4 })).toEqual(WHOLE);
  expect(panned(zoomed(WHOLE, 2), { x: 5, y: -5 })).toEqual({ zoom: 2, x: 0, y: 0.5 });
  expect(spotAt(WHOLE, { x: -0.2, y: 1.4 })).toEqual({ x: 0, y: 1 });
});

test("the window follows a place that leaves it", () => {
  const view = zoomed(WHOLE, 4);
  const followed = showing(view, { x: 0.95, y: 0.02 });
  const seen = placed(followed, { x: 0.95, y: 0.02 });
  expect(seen.x).toBeGreaterThan(0);
  expect(seen.x).toBeLessThanOrEqual(1);
  expect(seen.y).toBeGreaterThanOrEqual(0);
  expect(showing(view, { x: 0.5, y: 0.5 })).toEqual(view);
});
