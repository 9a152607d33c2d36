import { expect, test } from "vitest";
import { entry, question } from "../../testing";
import { fetchWidgets, itemBeside } from "../registry";
import * as ranges from "./logic";

const SETTINGS = { labels: ["speech", "noise"] };

function after(value: ranges.Value, ...actions: ranges.Action[]): ranges.Draft {
  const settings: ranges.Settings = SETTINGS;
  return ranges.draftOf(
    actions.reduce((now, action) => ranges.reduce(now, action, settings), value),
    settings,
  );
}

test("a range is begun and ended at the playhead, in either order of time", () => {
  const draft = after(null, { begin: 2 }, { draw: [2, 1.2345678] });
  expect(draft.ranges).toEqual([{ start: 1.234568, end: 2, label: "speech" }]);
  expect([draft.chosen, draft.begun, draft.isAnswered]).toEqual([0, null, true]);
  expect(ranges.problems(after(null, { begin: 2 }), SETTINGS).map((one) => one.text)).toEqual([
    "Mark what applies, or say that there is nothing.",
    "A range was begun and not ended: end it, or take its beginning back.",
  ]);
  expect(after(draft, { begin: 3 }, { draw: [3, 3] }).ranges).toHaveLength(1);
});

test("a label goes to the chosen range, and to those drawn after it", () => {
  const draft = after(null, { draw: [0, 1] }, { label: "noise" }, { choose: null }, { draw: [1, 2] });
  expect(draft.ranges.map((one) => one.label)).toEqual(["noise", "noise"]);
  expect(after(draft, { label: "music" })).toEqual(draft);
});

test("edges move and never pass each other", () => {
  const draft = after(null, { draw: [1, 2] });
  expect(after(draft, { edge: "end", of: 0, to: 2.5 }).ranges[0]?.end).toBe(2.5);
  expect(after(draft, { edge: "end", of: 0, to: 1 }).ranges).toEqual(draft.ranges);
  expect(after(draft, { edge: "start", of: 0, to: Number.NaN }).ranges).toEqual(draft.ranges);
  expect(after(draft, { edge: "start", of: 9, to: 1 })).toEqual(draft);
});

test("ranges are chosen by when they begin, round and round", () => {
  const draft = after(null, { draw: [5, 6] }, { draw: [1, 2] }, { choose: null });
  expect(after(draft, { step: 1 }).chosen).toBe(1);
  expect(after(draft, { step: 1 }, { step: 1 }).chosen).toBe(0);
  expect(after(draft, { step: -1 }).chosen).toBe(0);
  expect(after(null, { step: 1 }).chosen).toBeNull();
});

test("what is removed last leaves no answer; nothing is one", () => {
  const draft = after(null, { draw: [0, 1] }, { remove: null });
  expect([draft.ranges, draft.isAnswered]).toEqual([[], false]);
  expect(after(draft, { nothing: true }).isAnswered).toBe(true);
  expect(after(draft, { nothing: true }, { nothing: true }).isAnswered).toBe(false);
});

test("the rules of the question are told before anything is sent", () => {
  const two = after(null, { draw: [0, 2] }, { draw: [1, 3] });
  const told = (more: Partial<ranges.Settings>) =>
    ranges.problems(two, { ...SETTINGS, ...more }).map((one) => one.text);
  expect(told({})).toEqual([]);
  expect(told({ overlap: "none" })).toEqual(["Two ranges overlap, which this question does not allow."]);
  expect(told({ overlap: "labels" })).toEqual(["Two ranges of one label overlap."]);
  expect(told({ min_length: 2.5 })).toEqual(["One range is shorter than 2.5."]);
  expect(told({ transcript: "required" })).toEqual(["One range has no transcript yet."]);
  expect(ranges.problems(after(null, { draw: [0, 2] }, { draw: [0, 2] }), SETTINGS)).toHaveLength(1);
});

test("samples are whole, and what was touched is in", () => {
  const settings: ranges.Settings = { ...SETTINGS, unit: "samples" };
  const draft = ranges.draftOf(ranges.reduce(null, { draw: [1.2, 3.4] }, settings), settings);
  expect(draft.ranges[0]).toMatchObject({ start: 1, end: 4 });
});

test("a wish can be wished again, and a suggestion is taken over without labels nobody knows", () => {
  const draft = after(null, { wish: "play" }, { wish: "play" });
  expect(draft.wish).toEqual({ what: "play", number: 2 });
  const taken = ranges.initial(SETTINGS, [
    { start: 0, end: 1, label: "music" },
    { start: 1, end: 2, label: "noise" },
  ]);
  expect(ranges.submitted(taken, SETTINGS)).toEqual([{ start: 1, end: 2, label: "noise" }]);
  expect(ranges.describe(taken, SETTINGS)).toBe("noise");
});

test("keys on the timeline nudge the edges of the chosen range", () => {
  const draft = after(null, { draw: [1, 2] });
  const press = (key: string, more = {}) =>
    ranges.nudged(
      { key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more },
      draft,
      0.1,
    );
  expect(press("ArrowRight", { shiftKey: true })).toEqual({ edge: "end", of: 0, to: 2.1 });
  expect(press("ArrowLeft", { altKey: true })).toEqual({ edge: "start", of: 0, to: 0.9 });
  expect(press("ArrowLeft")).toBeNull();
  expect(press("i", { ctrlKey: true })).toBeNull();
  expect(press("i")).toEqual({ wish: "begin" });
});

test("what a widget shows itself is not shown a second time", async () => {
  await fetchWidgets(["labelwright/ranges"]);
  const asked = { ...question("who", "labelwright/ranges", "a"), settings: { labels: ["a"], field: "clip" } };
  const item = { ...entry("a").item, content: { clip: [1, 2, 3], title: "x" } };
  expect(Object.keys(itemBeside(item, [asked]).content)).toEqual(["title"]);
  expect(itemBeside(item, [])).toBe(item);
});
