/** Arcs above the text: over one line, out of one and into another, in levels that keep them apart. */

import { expect, test } from "vitest";
import { type Bar, barsOf, type Chip, type DrawnArc, levelsOf } from "./arcs";

const LINE = { left: 0, right: 600, isRtl: false };
const arc = (from: number, to: number, caption = "met"): DrawnArc => ({
  key: `${from}-${to}`,
  from,
  to,
  caption,
  look: 0,
  isSuggested: false,
});
/** Names of marks, thirty wide, ten to a line. */
const chips = (count: number) =>
  new Map<number, Chip>(
    Array.from({ length: count }, (_, mark) => {
      const left = (mark % 10) * 60;
      return [mark, { line: Math.floor(mark / 10), left, right: left + 30 }];
    }),
  );
const laidOut = (arcs: readonly DrawnArc[], count = 30, isRtl = false): Bar[] =>
  barsOf(arcs, {
    chips: chips(count),
    lines: [LINE, LINE, LINE].map((line) => ({ ...line, isRtl })),
    startOf: (mark) => mark * 100,
    numberOf: (mark) => (mark === 29 ? "" : String(mark + 1)),
    widthOf: (caption) => caption.length * 6,
  });

test("an arc over one line goes from name to name", () => {
  const [bar, ...others] = laidOut([arc(4, 1)]);
  expect(others).toEqual([]);
  expect(bar).toMatchObject({
    line: 0,
    level: 0,
    caption: "met",
    from: { x: 255 },
    to: { x: 75 },
    captionAt: 165,
  });
});

test("over several lines it runs out of one and comes into the other, each part naming the far mark", () => {
  const [out, into] = laidOut([arc(8, 23)]);
  expect(out).toMatchObject({
    line: 0,
    caption: "met 24",
    from: { isEdge: false },
    to: { x: 600, isEdge: true },
  });
  expect(into).toMatchObject({
    line: 2,
    caption: "met 9",
    from: { x: 0, isEdge: true },
    to: { isEdge: false },
  });
});

test("a mark without a number is not named", () => {
  expect(laidOut([arc(8, 29)]).map(({ caption }) => caption)).toEqual(["met", "met 9"]);
});

test("from the right, a line is left on the left and entered on the right", () => {
  const [out, into] = laidOut([arc(8, 23)], 30, true);
  expect(out?.to).toEqual({ x: 0, isEdge: true });
  expect(into?.from).toEqual({ x: 600, isEdge: true });
});

test("of an arc whose other end is out of sight the near part is drawn; of one out of sight nothing", () => {
  expect(laidOut([arc(3, 200)], 10)).toMatchObject([
    { line: 0, caption: "met 201", to: { x: 600, isEdge: true } },
  ]);
  expect(laidOut([arc(200, 3)], 10)[0]?.from).toMatchObject({ isEdge: true, x: 600 });
  expect(laidOut([arc(100, 200)], 10)).toEqual([]);
});

test("arcs that meet lie in levels of their own, the short ones lowest", () => {
  const bars = laidOut([arc(0, 9), arc(1, 2), arc(3, 6), arc(4, 5)]);
  expect(bars.map(({ level }) => level)).toEqual([2, 0, 1, 0]);
  expect(levelsOf(bars).get(0)).toBe(3);
});

test("arcs of one mark leave it side by side, and those to the far marks do not cross the others", () => {
  const [near, far, back] = laidOut([arc(5, 6), arc(5, 9), arc(5, 2)]);
  const [a, b, c] = [near?.from.x ?? 0, far?.from.x ?? 0, back?.from.x ?? 0];
  expect(c).toBeLessThan(b);
  expect(b).toBeLessThan(a);
  expect(far?.level).toBeGreaterThan(near?.level ?? 0);
});

test("thirty arcs never lie upon each other, and stay within the line", () => {
  let state = 11;
  const below = (most: number) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * most);
  };
  const arcs = Array.from({ length: 30 }, (_, at) => ({
    ...arc(below(30), below(30)),
    key: String(at),
  })).filter(({ from, to }) => from !== to);
  const bars = laidOut(arcs);
  const reach = ({ from, to, captionAt, captionWidth }: Bar) => [
    Math.min(from.x, to.x, captionAt - captionWidth / 2),
    Math.max(from.x, to.x, captionAt + captionWidth / 2),
  ];
  bars.forEach((bar, at) => {
    const [least = 0, most = 0] = reach(bar);
    expect(least).toBeGreaterThanOrEqual(0);
    expect(most).toBeLessThanOrEqual(600);
    for (const other of bars.slice(at + 1)) {
      if (other.line === bar.line && other.level === bar.level) {
        const [first = 0, last = 0] = reach(other);
        expect(most < first || last < least).toBe(true);
      }
    }
  });
});
