import { expect, test } from "vitest";
import { ASPECTS, SENTIMENT } from "../testing";
import * as classification from "./classification/logic";
import * as multilabel from "./multilabel/logic";
import { widgetFor } from "./registry";

const one = SENTIMENT.settings as unknown as classification.Settings;
const many = ASPECTS.settings as unknown as multilabel.Settings;

test("one answer replaces another", () => {
  const chosen = classification.reduce(null, { choose: "positive" }, one);
  expect(classification.reduce(chosen, { choose: "negative" }, one)).toBe("negative");
});

test("a label that is not in the schema changes nothing", () => {
  expect(classification.reduce("positive", { choose: "great" }, one)).toBe("positive");
  expect(classification.initial(one, "great")).toBeNull();
});

test("an unanswered question says what is missing, an answered one is silent", () => {
  expect(classification.problems(null)).toHaveLength(1);
  expect(classification.problems("neutral")).toEqual([]);
  expect(multilabel.problems(null, many)).toHaveLength(1);
  expect(multilabel.problems([], many)).toEqual([]);
});

test("several labels keep the schema's order, whatever the order of the keys", () => {
  const first = multilabel.reduce(null, { toggle: "screen" }, many);
  expect(multilabel.reduce(first, { toggle: "battery" }, many)).toEqual(["battery", "screen"]);
});

test("unticking the last label is not yet the answer none; none is said on purpose", () => {
  const ticked = multilabel.reduce(null, { toggle: "screen" }, many);
  expect(multilabel.reduce(ticked, { toggle: "screen" }, many)).toBeNull();
  const none = multilabel.reduce(ticked, { none: true }, many);
  expect(none).toEqual([]);
  expect(multilabel.reduce(none, { none: true }, many)).toBeNull();
  expect(multilabel.reduce(none, { toggle: "battery" }, many)).toEqual(["battery"]);
});

test("a suggestion taken over drops labels the schema does not have", () => {
  expect(multilabel.initial(many, ["screen", "smell"])).toEqual(["screen"]);
  expect(multilabel.initial(many, null)).toBeNull();
});

test("answers are described by the titles of their labels", () => {
  expect(multilabel.describe([], many)).toBe("none");
  expect(multilabel.describe(["battery", "screen"], many)).toBe("battery, screen");
  expect(classification.describe("neutral", one)).toBe("neutral");
});

test("every registered type is found by its name, others are not", () => {
  expect(widgetFor(SENTIMENT.type)?.name).toBe(SENTIMENT.type);
  expect(widgetFor(ASPECTS.type)?.name).toBe(ASPECTS.type);
  expect(widgetFor("labelwright/telepathy")).toBeNull();
});

test("the keys of a widget are as many as its answers", () => {
  expect(widgetFor(SENTIMENT.type)?.keys(SENTIMENT.settings)).toHaveLength(3);
  expect(widgetFor(ASPECTS.type)?.keys(ASPECTS.settings)).toHaveLength(3); // two labels and "none of these"
});
