import { expect, test } from "vitest";
import { quickest } from "../../testing";
import { frameAt, frameTime, pressed } from "./keys";
import { drawable, extentOf, rangeOf, seriesOf, valuesAt } from "./series";
import { createStage } from "./stage";
import { clock, following, lanesOf, panned, placeOf, stepOf, ticksOf, timeAt, zoomed } from "./view";

const WHOLE = { from: 0, to: 100 };

test("looking closer keeps the moment where it is on the screen, and never leaves the recording", () => {
  const view = zoomed(WHOLE, WHOLE, 0.5, 20);
  expect(view).toEqual({ from: 10, to: 60 });
  expect(placeOf(view, 20)).toBe(20);
  expect(zoomed(view, WHOLE, 8, 20)).toEqual(WHOLE);
  expect(zoomed(WHOLE, WHOLE, 1e-12, 50).to - zoomed(WHOLE, WHOLE, 1e-12, 50).from).toBeCloseTo(1e-4);
  expect(panned({ from: 10, to: 20 }, WHOLE, -5)).toEqual({ from: 0, to: 10 });
  expect(following({ from: 10, to: 20 }, WHOLE, 15)).toEqual({ from: 10, to: 20 });
  expect(following({ from: 10, to: 20 }, WHOLE, 40)).toEqual({ from: 39, to: 49 });
  expect(timeAt({ from: 10, to: 20 }, 0.25)).toBe(12.5);
});

test("moments are written as people write them", () => {
  expect(clock(62.349, true)).toBe("1:02.35");
  expect(clock(59.999, true)).toBe("1:00.00");
  expect(clock(3723, true, 0)).toBe("1:02:03");
  expect(clock(-1.5, true)).toBe("−0:01.50");
  expect(clock(-1.5, false)).toBe("-1.5");
});

test("steps and ticks are round figures", () => {
  expect(stepOf(WHOLE)).toBe(1);
  expect(stepOf({ from: 0, to: 7 })).toBeCloseTo(0.05);
  expect(stepOf({ from: 0, to: 7 }, 1)).toBe(1);
  expect(ticksOf({ from: 0.5, to: 3.2 }, 5)).toEqual([1, 2, 3]);
  expect(ticksOf({ from: 0, to: 0 }, 5)).toEqual([]);
});

test("marks that share time lie in lanes of their own", () => {
  const marks = [
    { start: 0, end: 4 },
    { start: 2, end: 6 },
    { start: 4, end: 5 },
  ];
  expect(lanesOf(marks)).toEqual([0, 1, 0]);
});

test("a stage tells its player, follows what plays and repeats a stretch", () => {
  const stage = createStage();
  const said: string[] = [];
  const player = {
    seek: (time: number) => said.push(`seek ${time}`),
    play: () => said.push("play"),
    pause: () => said.push("pause"),
    setRate: (rate: number) => said.push(`rate ${rate}`),
  };
  stage.seek(5);
  stage.ready(player, WHOLE);
  stage.seek(500);
  stage.rate(1);
  stage.loop({ from: 10, to: 12 });
  stage.moved(12.01, true);
  expect(said).toEqual(["rate 1", "seek 100", "rate 1.25", "seek 10", "play", "seek 10"]);
  expect(stage.get().time).toBe(10);
  stage.toggle();
  expect(said.at(-1)).toBe("pause");
  stage.fit({ from: 40, to: 44 });
  expect(stage.get().view.from).toBeCloseTo(39);
  expect(stage.get().view.to).toBeCloseTo(45);
  stage.moved(60, true);
  expect(stage.get().view.from).toBeLessThan(60);
});

test("keys seek, look closer and step by frames; what others use is left to them", () => {
  const stage = createStage();
  stage.ready({ seek: () => {} }, WHOLE);
  const press = (key: string, more = {}) =>
    pressed(stage, { key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more }, 25);
  expect(press("ArrowRight")).toBe(true);
  expect(stage.get().time).toBe(1);
  expect(press("ArrowRight", { shiftKey: true })).toBe(false);
  expect(press("+")).toBe(true);
  expect(stage.get().view.to - stage.get().view.from).toBe(50);
  expect(press("z", { ctrlKey: true })).toBe(false);
  expect(press("x")).toBe(false);
  press("Home");
  press(".");
  expect(frameAt(stage.get().time, 25)).toBe(1);
});

test("every frame's moment is in that frame, at the rates films have", () => {
  for (const fps of [10, 23.976, 25, 29.97, 30, 60]) {
    for (let frame = 0; frame < 5_000; frame += 7) {
      expect(frameAt(frameTime(frame, fps), fps)).toBe(frame);
      expect(frameAt(frame / fps, fps)).toBe(frame);
    }
  }
});

test("a series is read in each of its forms, and nothing else is one", () => {
  expect(seriesOf([1, 2, 3])?.length).toBe(3);
  expect(
    seriesOf({
      y: [
        [1, 2],
        [3, 4],
      ],
    })?.channels.map((one) => one.name),
  ).toEqual(["1", "2"]);
  const named = seriesOf({ t: [10, 11, 13], y: { pulse: [60, null, 62], steps: [1, 2, 3] } });
  expect(named?.channels.map((one) => one.name)).toEqual(["pulse", "steps"]);
  expect(named && extentOf(named, false)).toEqual({ from: 10, to: 13 });
  expect(named && extentOf(named, true)).toEqual({ from: 0, to: 3 });
  expect(named && valuesAt(named, 12, false)).toEqual([null, 2]);
  const rated = seriesOf({ y: [1, 2, 3], rate: 2 });
  expect(rated && extentOf(rated, false)).toEqual({ from: 0, to: 1.5 });
  for (const other of [
    "text",
    [],
    [true],
    ["1"],
    { y: "abc" },
    { y: { a: "b" } },
    { t: [1] },
    null,
    { y: {} },
  ]) {
    expect(seriesOf(other)).toBeNull();
  }
});

test("a million points are drawn as two a column, and no peak is lost", () => {
  const y = Array.from({ length: 1_000_000 }, (_, n) => Math.sin(n / 1000));
  y[123_456] = 50;
  const series = seriesOf({ y, rate: 1000 });
  if (series === null) {
    throw new Error("it is a series");
  }
  expect(quickest(() => drawable(series, extentOf(series, false), 800, false), 4)).toBeLessThan(500);
  const drawn = drawable(series, extentOf(series, false), 800, false);
  expect(drawn.x).toHaveLength(1_600);
  expect(Math.max(...(drawn.y[0] as number[]))).toBe(50);
  expect(drawn.x.every((one, n) => n === 0 || one > (drawn.x[n - 1] as number))).toBe(true);
  const close = drawable(series, { from: 123.45, to: 123.46 }, 800, false);
  expect(close.x.length).toBeLessThan(20);
  expect(close.y[0]).toContain(50);
});

test("a channel has room around it, also where it never moves or is empty", () => {
  expect(rangeOf({ name: "", y: [0, null, 10] })).toEqual([-0.6, 10.6]);
  expect(rangeOf({ name: "", y: [3, 3] })).toEqual([2, 4]);
  expect(rangeOf({ name: "", y: [null] })).toEqual([0, 1]);
});
