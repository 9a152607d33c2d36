import { expect, test } from "vitest";
import { entry } from "../testing";
import { chunksOf } from "./chunks";
import { layoutOf, turnsOf } from "./layoutOf";

const item = (content: Record<string, unknown>) => ({ ...entry("a").item, content });

test("the pieces of a text joined are the text, even a megabyte without a blank", () => {
  for (const text of ["", "short", "line\n".repeat(50_000), "x".repeat(1_000_000), "🦊".repeat(20_001)]) {
    const pieces = chunksOf(text);
    expect(pieces.join("")).toBe(text);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(12_000);
  }
});

test("no piece begins inside a character", () => {
  const pieces = chunksOf(`a${"🦊".repeat(10_000)}`, 1_000);
  expect(pieces.length).toBeGreaterThan(5);
  for (const piece of pieces) {
    expect(piece.charCodeAt(0) >= 0xdc00 && piece.charCodeAt(0) <= 0xdfff).toBe(false);
  }
});

test("a text is cut at the end of a line where there is one", () => {
  const pieces = chunksOf(`${"a".repeat(900)}\n${"b".repeat(2_000)}`, 1_000);
  expect(pieces[0]).toBe(`${"a".repeat(900)}\n`);
});

test("the first field is read, short ones are glanced at, long and structured ones are read too", () => {
  const { glanced, read } = layoutOf(
    item({
      text: "It gives no light at all.",
      product: "Lamp",
      line: "drones and action cameras",
      reply: "Sorry to hear that!",
      story: "long ".repeat(40),
      parts: { a: 1 },
      stars: 4,
      empty: null,
    }),
    ["text", "product", "line", "reply", "story", "parts", "stars", "empty", "absent"],
  );
  expect(read.map((field) => field.name)).toEqual(["text", "reply", "story", "parts"]);
  expect(glanced.map((field) => field.name)).toEqual(["product", "line", "stars"]);
});

test("where a title comes first, the text after it is read however short it is", () => {
  const { glanced, read } = layoutOf(item({ title: "Lamp", text: "Broken" }), ["title", "text"]);
  expect(read.map((field) => field.name)).toEqual(["title", "text"]);
  expect(glanced).toEqual([]);
});

test("without named fields everything is shown", () => {
  expect(layoutOf(item({ b: "1", a: "2" }), []).read[0]?.name).toBe("b");
});

test("only a list of roles with contents is a conversation", () => {
  expect(turnsOf([{ role: "user", content: "hi" }])).toHaveLength(1);
  expect(turnsOf([])).toBeNull();
  expect(turnsOf([{ role: "user" }])).toBeNull();
  expect(turnsOf(["hi"])).toBeNull();
  expect(turnsOf("hi")).toBeNull();
});
