/** Cards, criteria, sliders, orders: what they take and what they say. */

import { expect, test } from "vitest";
import { entry } from "../testing";
import * as classification from "./classification/logic";
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
