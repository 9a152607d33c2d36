import { expect, test } from "vitest";
import * as tracks from "./logic";

const SETTINGS: tracks.Settings = { labels: ["car", "dog"], fps: 25 };
const BOX = { x: 0.1, y: 0.2, width: 0.2, height: 0.2 };

function after(value: tracks.Value, ...actions: tracks.Action[]): tracks.Draft {
  return tracks.draftOf(
    actions.reduce((now, action) => tracks.reduce(now, action, SETTINGS), value),
    SETTINGS,
  );
}

test("a drawn box begins a track; drawn again elsewhere in time, it moves evenly between", () => {
  const draft = after(null, { draw: BOX, at: 10 }, { draw: { ...BOX, x: 0.5 }, at: 20 });
  expect(draft.tracks).toHaveLength(1);
  const [track] = draft.tracks as [tracks.Track];
  expect(track.keyframes.map((key) => key.frame)).toEqual([10, 20]);
  expect(tracks.boxAt(track, 15)?.x).toBeCloseTo(0.3);
  expect([tracks.boxAt(track, 9), tracks.boxAt(track, 21)]).toEqual([null, null]);
  expect(tracks.nearestBox(track, 30)?.x).toBe(0.5);
});

test("moving and sizing make a key frame where one is, and stay in the picture", () => {
  const draft = after(null, { draw: BOX, at: 0 }, { move: [0.9, -0.9], at: 5 }, { grow: [-0.9, 0.9], at: 9 });
  const keyframes = draft.tracks[0]?.keyframes ?? [];
  expect(keyframes[1]).toEqual({ frame: 5, x: 0.8, y: 0, width: 0.2, height: 0.2 });
  expect(keyframes[2]).toEqual({ frame: 9, x: 0.8, y: 0, width: 0.005, height: 1 });
});

test("out of sight from a frame on, and back; a track begins in sight", () => {
  const draft = after(null, { draw: BOX, at: 4 }, { outside: 8 });
  const [track] = draft.tracks as [tracks.Track];
  expect(track.keyframes[1]).toMatchObject({ frame: 8, outside: true });
  expect(tracks.boxAt(track, 7)).not.toBeNull();
  expect(tracks.boxAt(track, 8)).toBeNull();
  expect(after(draft, { outside: 8 }).tracks[0]?.keyframes[1]?.outside).toBeUndefined();
  expect(after(draft, { outside: 4 })).toEqual(draft);
  expect(after(draft, { outside: 2 })).toEqual(draft);
  // The only key frame in sight stays.
  expect(after(draft, { key: 4 })).toEqual(draft);
  expect(after(draft, { key: 8 }).tracks[0]?.keyframes).toHaveLength(1);
});

test("a key frame is set where the box is, and taken away again", () => {
  const draft = after(null, { draw: BOX, at: 0 }, { draw: { ...BOX, x: 0.5 }, at: 10 }, { key: 5 });
  expect(draft.tracks[0]?.keyframes[1]).toMatchObject({ frame: 5, x: 0.3 });
  expect(after(draft, { key: 5 }).tracks[0]?.keyframes).toHaveLength(2);
});

test("labels, choosing, removing and nothing go as everywhere", () => {
  const two = after(null, { draw: BOX, at: 0 }, { choose: null }, { label: "dog" }, { draw: null, at: 3 });
  expect(two.tracks.map((track) => track.label)).toEqual(["car", "dog"]);
  expect(after(two, { step: 1 }).chosen).toBe(0);
  expect(after(two, { step: -1 }).chosen).toBe(0);
  expect(after(two, { label: "car" }).tracks[1]?.label).toBe("car");
  expect(after(two, { label: "cat" })).toEqual(two);
  const none = after(two, { remove: null }, { remove: 0 });
  expect([none.tracks, none.isAnswered]).toEqual([[], false]);
  expect(tracks.problems(none, SETTINGS)).toHaveLength(1);
  expect(tracks.problems(after(none, { nothing: true }), SETTINGS)).toEqual([]);
  expect(tracks.describe(two, SETTINGS)).toBe("car, dog");
  const twice = after(null, { draw: BOX, at: 0 }, { choose: null }, { draw: BOX, at: 0 });
  expect(tracks.problems(twice, SETTINGS).map((one) => one.text)).toEqual([
    "One track is there twice; remove one.",
  ]);
});

test("slips of the mouse draw nothing", () => {
  expect(after(null, { draw: { ...BOX, width: 0.001 }, at: 0 }).tracks).toEqual([]);
});

test("keys on the film move with Shift, size with Alt, and leave the rest to the player", () => {
  const press = (key: string, more = {}) =>
    tracks.pressedOn({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more }, 7);
  expect(press("ArrowRight", { shiftKey: true })).toEqual({ move: [0.01, 0], at: 7 });
  expect(press("ArrowUp", { altKey: true })).toEqual({ grow: [0, -0.01], at: 7 });
  expect(press("ArrowUp", { altKey: true, shiftKey: true })).toEqual({ move: [0, -0.001], at: 7 });
  expect(press("ArrowRight")).toBeNull();
  expect(press("k")).toEqual({ wish: "key" });
  expect(press("k", { ctrlKey: true })).toBeNull();
});

test("a suggestion is taken over without labels nobody knows", () => {
  const key = { frame: 0, ...BOX };
  const taken = tracks.initial(SETTINGS, [
    { label: "cat", keyframes: [key] },
    { label: "dog", keyframes: [key] },
  ]);
  expect(tracks.submitted(taken, SETTINGS)).toEqual([{ label: "dog", keyframes: [key] }]);
});
