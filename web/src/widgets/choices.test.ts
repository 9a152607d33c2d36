/** Cards, criteria, sliders, orders: what they take and what they say. */

import { expect, test } from "vitest";
import { entry } from "../testing";
import * as classification from "./classification/logic";
import { multilabel as multilabelWidget } from "./multilabel";
import * as multilabel from "./multilabel/logic";
import * as preference from "./preference/logic";
import * as ranking from "./ranking/logic";
import * as rating from "./rating/logic";

const labels = (...values: string[]) => values.map((value) => ({ value, title: value, description: "" }));
const TWO: classification.Settings = { labels: labels("spam", "ham"), display: "cards" };
const THREE: classification.Settings = { labels: labels("good", "bad", "mixed"), display: "cards" };
const { item } = entry("1");
const asked = (suggestion: unknown) => ({ item, suggestion });

test("of two labels, what is rejected makes the other one the answer", () => {
  expect(classification.reduce(null, { accept: true }, TWO, asked("ham"))).toBe("ham");
  expect(classification.reduce(null, { reject: true }, TWO, asked("ham"))).toBe("spam");
});

test("without a suggestion a choice of two is asked by its first label, on every item the same", () => {
  expect(classification.reduce(null, { accept: true }, TWO, asked(null))).toBe("spam");
  expect(classification.reduce(null, { reject: true }, TWO, asked(null))).toBe("ham");
  expect(classification.reduce(null, { reject: true }, TWO, asked("gone"))).toBe("ham");
});

test("of several labels a rejected one asks for the right one; without a suggestion there is no card", () => {
  const rejected = classification.reduce(null, { reject: true }, THREE, asked("bad"));
  expect(rejected).toEqual({ not: "bad" });
  expect(classification.problems(rejected)).toHaveLength(1);
  expect(classification.reduce(rejected, { choose: "mixed" }, THREE, asked("bad"))).toBe("mixed");
  expect(classification.reduce(rejected, { accept: true }, THREE, asked("bad"))).toBe("bad");
  expect(classification.reduce(null, { accept: true }, THREE, asked(null))).toBeNull();
  expect(classification.reduce(null, { reject: true }, THREE, asked(null))).toBeNull();
});

const CRITERIA: preference.Settings = {
  tie: "tie",
  strengths: ["slightly", "much"],
  criteria: ["helpful", "safe"],
};

test("a key answers the next criterion, the mouse the one it points at", () => {
  const much = { choice: "B", strength: "much" };
  const first = preference.reduce(null, { prefer: much }, CRITERIA);
  expect(first).toEqual({ helpful: much });
  expect(preference.problems(first, CRITERIA)[0]?.text).toContain("safe");
  const both = preference.reduce(first, { prefer: { choice: "tie", strength: null } }, CRITERIA);
  expect(both).toEqual({ helpful: much, safe: { choice: "tie", strength: null } });
  expect(preference.problems(both, CRITERIA)).toEqual([]);
  expect(preference.reduce(both, { prefer: much }, CRITERIA)).toBe(both);
  const changed = preference.reduce(both, { prefer: much, of: "safe" }, CRITERIA);
  expect(preference.describe(changed, CRITERIA)).toBe("helpful: B much, safe: B much");
  expect(preference.reduce(both, { anew: true }, CRITERIA)).toBeNull();
  expect(preference.reduce(null, { prefer: much, of: "gone" }, CRITERIA)).toBeNull();
});

test("a suggestion is taken over as far as its criteria and answers are asked", () => {
  const tie = { choice: "tie", strength: null };
  expect(preference.initial(CRITERIA, { helpful: tie, gone: tie })).toEqual({ helpful: tie });
  expect(preference.initial(CRITERIA, { helpful: "A" })).toBeNull();
  expect(preference.initial(CRITERIA, null)).toBeNull();
});

const SURE: rating.Settings = { min: 0, max: 100, display: "slider" };

test("a slider says nothing until it is moved, goes on from where it stands, and stays on the scale", () => {
  expect(rating.problems(null)).toHaveLength(1);
  expect(rating.reduce(null, { step: 1 }, SURE)).toBe(51);
  expect(rating.reduce(100, { step: 1 }, SURE)).toBe(100);
  expect(rating.reduce(0, { step: -1 }, SURE)).toBe(0);
  const jumps = rating.keys(SURE).flatMap(({ action }) => ("rate" in action ? [action.rate] : []));
  expect(jumps).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 0, 100]);
  expect(
    rating
      .keys({ display: "slider" })
      .map(({ label }) => label)
      .slice(0, 5),
  ).toEqual(["1", "2", "3", "4", "5"]);
});

test("the rest of an order is placed as listed, behind what was placed", () => {
  const settings = { labels: ["a", "b", "c"] };
  expect(ranking.reduce(["c"], { rest: true }, settings)).toEqual(["c", "a", "b"]);
  expect(ranking.reduce(["c", "a", "b"], { move: "b", by: -2 }, settings)).toEqual(["b", "c", "a"]);
});

const TOPICS: multilabel.Settings = { labels: labels("price", "screen", "sound"), display: "cards" };
const act = (value: multilabel.Value, action: multilabel.Action, suggestion: unknown) =>
  multilabel.reduce(value, action, TOPICS, asked(suggestion));

test("each suggested label has a card, and the answer is what was accepted and added", () => {
  const suggested = ["sound", "price", "gone"];
  const first = act(null, { accept: true }, suggested);
  expect(multilabel.problems(first, TOPICS)[0]?.text).toContain("1 is left");
  const added = act(first, { toggle: "screen" }, suggested);
  const all = act(added, { reject: true }, suggested);
  expect(multilabel.problems(all, TOPICS)).toEqual([]);
  expect(multilabel.submitted(all, TOPICS)).toEqual(["price", "screen"]);
  expect(multilabel.describe(all, TOPICS)).toBe("price, screen");
  expect(act(all, { accept: true }, suggested)).toBe(all);
  const changed = act(all, { toggle: "sound" }, suggested);
  expect(multilabel.submitted(changed, TOPICS)).toEqual(["price", "screen", "sound"]);
});

test("without suggestions every label has a card, and the last one ends it", () => {
  const settles = (value: multilabel.Value) => multilabelWidget.settles(value, TOPICS);
  let value: multilabel.Value = null;
  expect(multilabel.problems(value, TOPICS)).toHaveLength(1);
  for (const yes of [true, false, true]) {
    expect(settles(value)).toBe(false);
    value = act(value, yes ? { accept: true } : { reject: true }, null);
  }
  expect(settles(value)).toBe(true);
  expect(multilabel.submitted(value, TOPICS)).toEqual(["price", "sound"]);
  const changed = act(value, { toggle: "price" }, null);
  expect([settles(changed), multilabel.submitted(changed, TOPICS)]).toEqual([false, ["sound"]]);
});

test("none of the cards is right, or all are open again", () => {
  const none = act(null, { none: true }, ["price"]);
  expect(multilabel.submitted(none, TOPICS)).toEqual([]);
  expect(multilabel.problems(none, TOPICS)).toEqual([]);
  expect(act(none, { none: true }, ["price"])).toBeNull();
});

test("what was submitted before comes back decided", () => {
  const changed = act(["price"], { toggle: "screen" }, ["sound"]);
  expect(multilabel.problems(changed, TOPICS)).toEqual([]);
  expect(multilabel.submitted(changed, TOPICS)).toEqual(["price", "screen"]);
});
