/** Words are looked for a run at a time, and are those of the whole text. */

import { expect, test } from "vitest";
import { nextWord, previousWord, wordsOf } from "./words";

const PARTS = [
  "Ada",
  "👩‍👩‍👧",
  "नमस्ते",
  "e\u0301te\u0301",
  "don't",
  "3.14",
  "愛麗絲在倫敦",
  "עדה",
  "…",
  "(x)",
  "🇩🇪",
];

function mixed(count: number, between: string): string {
  return Array.from({ length: count }, (_, at) => PARTS[(at * 7) % PARTS.length]).join(between);
}

test.each([
  ["with blanks", mixed(500, " ")],
  ["with line ends and several blanks", mixed(400, " \n ")],
  ["without any", mixed(300, "")],
  ["short", "Ada met Bo."],
  ["empty", ""],
])("they are those of the whole text, %s", (_name, text) => {
  const words = wordsOf(text);
  const found = words.pieces.flatMap((_piece, number) => words.wordsIn(number));
  const characters = [...text];
  const whole = [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)]
    .map(({ segment }) => segment)
    .filter((segment) => segment.trim() !== "");
  expect(found.map(({ start, end }) => characters.slice(start, end).join(""))).toEqual(whole);
  // Going from word to word, there and back, meets each once.
  const there = [];
  for (let word = nextWord(words, 0); word !== null; word = nextWord(words, word.end)) {
    there.push(word);
  }
  const back = [];
  for (
    let word = previousWord(words, words.offsets.length);
    word !== null;
    word = previousWord(words, word.start)
  ) {
    back.unshift(word);
  }
  expect(there).toEqual(found);
  expect(back).toEqual(found);
});
