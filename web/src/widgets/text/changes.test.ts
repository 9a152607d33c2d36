import { expect, test } from "vitest";
import { entry, quickest } from "../../testing";
import { changesOf, shortened } from "./changes";
import * as text from "./logic";

const item = (content: Record<string, unknown>) => ({ ...entry("a").item, content });

test("what was changed is told word by word", () => {
  const { parts, count } = changesOf("the Iamp is bright", "the lamp is very bright");
  expect(count).toBe(2);
  expect(parts.map(({ kind, text }) => `${kind}:${text}`)).toEqual([
    "kept:the ",
    "out:Iamp",
    "in:lamp",
    "kept: is",
    "in: very",
    "kept: bright",
  ]);
});

test.each([
  ["", "new"],
  ["old", ""],
  ["愛麗絲在倫敦。", "愛麗絲住在倫敦。"],
  ["Zoë 👩‍👩‍👧 a", "Zoë 👩‍👩‍👦 b"],
  ["שלום עולם", "שלום לעולם"],
  ["a b a b a", "b a b"],
])("the parts give both texts back: %s → %s", (before, after) => {
  const { parts } = changesOf(before, after);
  const said = (...kinds: string[]) =>
    parts
      .filter(({ kind }) => kinds.includes(kind))
      .map((part) => part.text)
      .join("");
  expect(said("kept", "out")).toBe(before);
  expect(said("kept", "in")).toBe(after);
});

test("a long text with one change is compared in no time and shown around the change", () => {
  const before = "lorem ipsum ".repeat(8_000);
  const after = before.replace("ipsum", "dolor");
  expect(quickest(() => changesOf(before, after))).toBeLessThan(500);
  const { parts, count } = changesOf(before, after);
  expect(count).toBe(1);
  expect(
    shortened(parts)
      .map((part) => part.text)
      .join("").length,
  ).toBeLessThan(300);
});

test("a text to correct is answered by changing it or by saying that it is right", () => {
  const settings = { correct: "ocr" };
  const asked = { item: item({ ocr: "a Iamp" }), suggestion: null };
  expect(text.problems(null, settings)[0]?.text).toContain("right as it stands");
  expect(text.reduce(null, { keep: true }, settings, asked)).toBe("a Iamp");
  expect(text.problems("a Iamp", settings)).toEqual([]);
  expect(text.reduce("a lamp", { anew: true }, settings, asked)).toBeNull();
  expect(text.draws(settings, asked.item)).toBe("ocr");
  expect(text.draws(settings, item({ ocr: 3 }))).toBeNull();
});
