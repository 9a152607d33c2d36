import { expect, test } from "vitest";
import * as boxes from "../boxes/logic";
import * as keypoints from "../keypoints/logic";
import * as polygons from "../polygons/logic";
import { crossing, isWithin, signedArea } from "./outline";

const LABELS = { labels: ["cat", "dog"] };

function acted<V, A, S>(
  reduce: (value: V, action: A, settings: S) => V,
  settings: S,
  value: V,
  ...actions: A[]
): V {
  return actions.reduce((one, action) => reduce(one, action, settings), value);
}

// ---------------------------------------------------------------- outlines

const at = (...points: [number, number][]) => points.map(([x, y]) => ({ x, y }));
const SQUARE = at([0, 0], [1, 0], [1, 1], [0, 1]);

test("an outline that crosses or touches itself is found, as on the server", () => {
  expect(crossing(SQUARE)).toBeNull();
  expect(crossing(at([0, 0], [1, 1], [1, 0], [0, 1]))).toEqual([0, 2]);
  expect(crossing(at([0, 0], [1, 0], [1, 1], [0.5, 0], [0, 1]))).not.toBeNull();
  expect(crossing(at([0, 0], [1, 0], [0.5, 0], [0.5, 1]))).not.toBeNull();
  expect(crossing(at([0, 0], [0.5, 0], [1, 0], [1, 1]))).toBeNull();
  expect(signedArea(SQUARE)).toBe(1);
  expect(isWithin(SQUARE, { x: 0.5, y: 0.5 })).toBe(true);
  expect(isWithin(SQUARE, { x: 1.5, y: 0.5 })).toBe(false);
});

// ---------------------------------------------------------------- boxes at an angle

const ANGLED: boxes.Settings = { ...LABELS, rotation: true };

test("an angle waits for the image's aspect, and goes round", () => {
  let value = acted<boxes.Value, boxes.Action, boxes.Settings>(boxes.reduce, ANGLED, null, { add: true });
  expect(boxes.problems(value, ANGLED)).toHaveLength(1);
  value = acted<boxes.Value, boxes.Action, boxes.Settings>(
    boxes.reduce,
    ANGLED,
    value,
    { aspect: 1.5 },
    { turn: -5 },
  );
  expect(boxes.problems(value, ANGLED)).toEqual([]);
  expect(boxes.submitted(value, ANGLED)).toEqual([
    { x: 0.3, y: 0.3, width: 0.4, height: 0.4, label: "cat", rotation: 355, aspect: 1.5 },
  ]);
});

test("dragging a corner of a turned box leaves the opposite corner where it is", () => {
  const box: boxes.Box = { x: 0.3, y: 0.3, width: 0.2, height: 0.2, label: "cat", rotation: 30, aspect: 1.5 };
  const before = boxes.gripAt(box, { x: -1, y: -1 }, 1.5);
  const next = boxes.dragged(box, { x: 1, y: 1 }, { x: 0.62, y: 0.66 }, 1.5);
  const after = boxes.gripAt(next, { x: -1, y: -1 }, 1.5);
  expect(after.x).toBeCloseTo(before.x, 4);
  expect(after.y).toBeCloseTo(before.y, 4);
  expect(boxes.gripAt(next, { x: 1, y: 1 }, 1.5).x).toBeCloseTo(0.62, 4);
});

// ---------------------------------------------------------------- polygons

const poly = (value: polygons.Value, ...actions: polygons.Action[]) =>
  acted<polygons.Value, polygons.Action, polygons.Settings>(polygons.reduce, LABELS, value, ...actions);
const TRIANGLE: polygons.Action[] = at([0.5, 0.1], [0.1, 0.5], [0.5, 0.5]).map((point) => ({ point }));

test("corners become a polygon when it is closed, written as the server writes it", () => {
  const open = poly(null, ...TRIANGLE);
  expect(polygons.problems(open, LABELS)[0]?.text).toContain("not closed");
  expect(polygons.submitted(poly(open, { close: true }), LABELS)).toEqual([
    {
      points: [
        [0.1, 0.5],
        [0.5, 0.1],
        [0.5, 0.5],
      ],
      label: "cat",
    },
  ]);
  expect(polygons.draftOf(poly(open, { unpoint: true }, { close: true }), LABELS).refusal).toContain("three");
});

test("what would cross is refused with the sides named, and nothing is lost", () => {
  const square = at([0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]).map((point) => ({ point }));
  const closed = poly(null, ...square, { close: true });
  const before = polygons.submitted(closed, LABELS);
  const moved = poly(closed, { corner: 2 }, { shift: { x: -0.5, y: -0.3 } });
  expect(polygons.draftOf(moved, LABELS).refusal).toMatch(/The side from corner \d meets/);
  expect(polygons.submitted(moved, LABELS)).toEqual(before);
});

test("corners are added and removed, and the whole never leaves the image", () => {
  const closed = poly(null, ...TRIANGLE, { close: true }, { corner: 0 }, { insertCorner: true });
  expect(polygons.submitted(closed, LABELS)[0]?.points).toHaveLength(4);
  const removed = poly(closed, { removeCorner: true });
  expect(polygons.submitted(removed, LABELS)[0]?.points).toHaveLength(3);
  const kept = poly(removed, { corner: 0 }, { removeCorner: true });
  expect(polygons.submitted(kept, LABELS)[0]?.points).toHaveLength(3);
  const pushed = poly(removed, { shift: { x: 5, y: 0 } });
  expect(Math.max(...(polygons.submitted(pushed, LABELS)[0]?.points ?? []).map(([x]) => x))).toBe(1);
});

// ---------------------------------------------------------------- keypoints

const HANDS: keypoints.Settings = { ...LABELS, points: ["head", "left", "right"] };
const points = (value: keypoints.Value, ...actions: keypoints.Action[]) =>
  acted<keypoints.Value, keypoints.Action, keypoints.Settings>(keypoints.reduce, HANDS, value, ...actions);

test("points are marked one after the other; what is not there is left at nothing", () => {
  const value = points(
    null,
    { mark: { x: 0.5, y: 0.1 } },
    { mark: { x: 0.2, y: 0.5 } },
    { point: "left" },
    { cover: true },
    { shift: { x: -0.1, y: 0 } },
  );
  expect(keypoints.submitted(value, HANDS)).toEqual([
    {
      label: "cat",
      points: {
        head: { x: 0.5, y: 0.1, visibility: 2 },
        left: { x: 0.1, y: 0.5, visibility: 1 },
        right: { x: 0, y: 0, visibility: 0 },
      },
    },
  ]);
  const emptied = points(value, { point: "head" }, { absent: true }, { absent: true });
  expect(keypoints.problems(emptied, HANDS)[0]?.text).toContain("Object 1");
  const two = points(value, { another: true }, { label: "dog" }, { mark: { x: 0.9, y: 0.9 } });
  expect(keypoints.submitted(two, HANDS).map((one) => one.label)).toEqual(["cat", "dog"]);
});
