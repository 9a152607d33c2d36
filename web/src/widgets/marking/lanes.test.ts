/** Marks of a long text are laid piece by piece: as they would be, were all of them laid. */

import { expect, test } from "vitest";
import { type Drawn, laid, laidOver, marksOf } from "./lanes";
import { inOrder, type Span } from "./marks";

const LABELS = ["a", "b"];

function numbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * most);
  };
}

test("what is laid for a piece is what it has of all", () => {
  const below = numbers(5);
  for (let round = 0; round < 60; round++) {
    const spans = (count: number): Span[] =>
      inOrder(
        Array.from({ length: count }, () => {
          const start = below(300);
          return {
            start,
            end: start + 1 + below(round % 3 === 0 ? 150 : 12),
            label: LABELS[below(2)] ?? "a",
          };
        }),
      );
    const marks = marksOf({ spans: spans(40), labels: LABELS }, spans(below(30)));
    const all = laid(Array.from({ length: marks.length }, (_, place) => marks.at(place) as Drawn));
    for (let start = 0; start < 320; start += 40) {
      const piece = { start, end: start + 40 };
      const expected = all.filter((mark) => mark.start < piece.end && piece.start < mark.end);
      const found = laidOver(marks, piece).toSorted((a, b) => a.place - b.place);
      expect(found).toEqual(expected);
    }
  }
});

test("marks are told by their place: what is marked first, then what is suggested", () => {
  const spans = [{ start: 5, end: 6, label: "a" }];
  const caption = (title: string, place: number) => `${place + 1} ${title}`;
  const marks = marksOf({ spans, labels: LABELS, caption }, [{ start: 0, end: 1, label: "b" }]);
  expect([marks.at(0)?.caption, marks.at(1)?.caption, marks.at(2)]).toEqual(["1 a", "b", null]);
  expect([...marks.ordered]).toEqual([1, 0]);
  expect(marks.where(({ label }) => label === "b")).toEqual([1]);
});
