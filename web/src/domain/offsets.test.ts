import { expect, test } from "vitest";
import cases from "../../../tests/fixtures/offsets.json";
import { type CodePoints, offsetsOf, type Utf16Units } from "./offsets";

test.each(cases)("every place is converted there and back: $name", ({ text, units }) => {
  const offsets = offsetsOf(text);
  expect(offsets.length).toBe(units.length - 1);
  expect(units.map((_, place) => offsets.toUnits(place as CodePoints))).toEqual(units);
  expect(units.map((unit) => offsets.toCodePoints(unit as Utf16Units))).toEqual(
    units.map((_, place) => place),
  );
});

test("a place inside a character belongs to its beginning, one beyond the text to its end", () => {
  const offsets = offsetsOf("a🦊b");
  expect(offsets.toCodePoints(2 as Utf16Units)).toBe(1);
  expect(offsets.toCodePoints(99 as Utf16Units)).toBe(3);
  expect(offsets.toUnits(99 as CodePoints)).toBe(4);
});
