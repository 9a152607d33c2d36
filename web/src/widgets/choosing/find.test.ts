import { expect, test } from "vitest";
import { quickest } from "../../testing";
import { type Choice, found, indexOf, recentIn, withRecent } from "./find";

const choice = (title: string, description = ""): Choice => ({ value: title, title, description });
const FEW = indexOf(["Éclair", "Ice cream", "Cream tea", "Scream", "Tea"].map((one) => choice(one)));
const titles = (typed: string, first: string[] = []) => found(FEW, typed, first).map((one) => one.title);

test("a label is found by its beginning, its words, a part of it, without case and accents", () => {
  expect(titles("ecl")).toEqual(["Éclair"]);
  expect(titles("CREAM")).toEqual(["Cream tea", "Ice cream", "Scream"]);
  expect(titles("te cr")).toEqual(["Cream tea"]);
  expect(titles("pie")).toEqual([]);
});

test("with nothing typed the suggestion comes first, then what was used last, then all; each once", () => {
  expect(titles("", ["Tea", "Scream", "Tea", "gone"])).toEqual([
    "Tea",
    "Scream",
    "Éclair",
    "Ice cream",
    "Cream tea",
  ]);
});

test("a description finds too, last", () => {
  const index = indexOf([choice("A", "about tea"), choice("Tea")]);
  expect(found(index, "tea", []).map((one) => one.value)).toEqual(["Tea", "A"]);
});

test("what was used last is kept short, and survives damage", () => {
  const used = ["a", "b", "c", "d", "e", "f", "g", "a"].reduce<string[]>(withRecent, []);
  expect(used).toEqual(["a", "g", "f", "e", "d", "c"]);
  expect(recentIn("{")).toEqual([]);
  expect(recentIn('["a", 1]')).toEqual(["a"]);
  expect(recentIn(null)).toEqual([]);
});

test("a thousand labels are searched in a few milliseconds", () => {
  const index = indexOf(
    Array.from({ length: 1000 }, (_, n) => choice(`Topic ${n} of ${n % 7}`, `number ${n}`)),
  );
  const typing = () => {
    for (const typed of ["t", "to", "topic 9", "nine", "7 of"]) {
      found(index, typed, []);
    }
  };
  expect(quickest(typing)).toBeLessThan(250);
});
