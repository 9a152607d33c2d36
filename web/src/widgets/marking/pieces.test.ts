/** Marks of several pieces: what keys make of them, and how they are drawn. */

import { expect, test } from "vitest";
import { entry } from "../../testing";
import * as relations from "../relations/logic";
import * as spans from "../spans/logic";
import { laidOver, marksOf, segmentsOf } from "./lanes";
import { growing, isAt, type MarkAction, openSuggestions, readSpans, type Span } from "./marks";
import { isSamePlace, liesIn, placeOf, reaching, shares, withoutRange, withRange } from "./pieces";

const LUNGS = "left and right lung";
const SETTINGS: spans.Settings = { labels: ["organ", "side"], discontinuous: true };
const [LEFT, AND, RIGHT, LUNG] = [
  { start: 0, end: 4 },
  { start: 5, end: 8 },
  { start: 9, end: 14 },
  { start: 15, end: 19 },
];
const SPLIT: Span = { start: 0, end: 19, label: "organ", pieces: [LEFT, LUNG] };
const asked = { item: { ...entry("a").item, content: { text: LUNGS } }, suggestion: null };

function acted(settings: spans.Settings, ...actions: MarkAction[]): spans.Value {
  return actions.reduce<spans.Value>((value, action) => spans.reduce(value, action, settings, asked), null);
}

test("a place is made of pieces in any order, and what touches is one", () => {
  expect(placeOf([LUNG, LEFT])).toEqual({ start: 0, end: 19, pieces: [LEFT, LUNG] });
  expect(placeOf([LEFT, { start: 3, end: 6 }])).toEqual({ start: 0, end: 6 });
  expect(placeOf([])).toBeNull();
  expect(withoutRange(SPLIT, { start: 2, end: 30 })).toEqual({ start: 0, end: 2 });
  expect(withRange(LEFT, { start: 4, end: 5 })).toEqual({ start: 0, end: 5 });
  expect(shares(SPLIT, RIGHT)).toBe(false);
  expect(shares(SPLIT, { start: 3, end: 9 })).toBe(true);
  expect(liesIn(LUNG, SPLIT)).toBe(true);
  expect(liesIn({ start: 0, end: 19 }, SPLIT)).toBe(false);
  expect(isSamePlace(SPLIT, { start: 0, end: 19 })).toBe(false);
  expect(reaching(SPLIT, { start: 1, end: 17 })).toEqual({
    start: 1,
    end: 17,
    pieces: [
      { start: 1, end: 4 },
      { start: 15, end: 17 },
    ],
  });
  expect(reaching(SPLIT, { start: 0, end: 10 })).toEqual({ start: 0, end: 10 });
});

test("a piece is added to the mark that was made last, and taken from it again", () => {
  const value = acted(SETTINGS, { select: LEFT }, { mark: "organ" }, { select: LUNG }, { piece: true });
  expect(spans.submitted(value, SETTINGS)).toEqual([SPLIT]);
  const marked = spans.markedOf(value, SETTINGS);
  expect(isAt(SPLIT, marked.selection)).toBe(true);
  const back = spans.reduce(
    spans.reduce(value, { select: LEFT }, SETTINGS),
    { piece: true },
    SETTINGS,
    asked,
  );
  expect(spans.submitted(back, SETTINGS)).toEqual([{ ...LUNG, label: "organ" }]);
  // The last piece stays: a mark is taken away by its label or by "unmark".
  const one = spans.reduce(spans.reduce(back, { select: LUNG }, SETTINGS), { piece: true }, SETTINGS, asked);
  expect(spans.submitted(one, SETTINGS)).toEqual([{ ...LUNG, label: "organ" }]);
});

test("with the mouse the piece comes with the action; blanks between pieces are no gap", () => {
  const value = acted(SETTINGS, { select: LEFT }, { mark: "organ" }, { piece: LUNG }, { piece: AND });
  expect(spans.submitted(value, SETTINGS)).toEqual([
    { start: 0, end: 19, label: "organ", pieces: [{ start: 0, end: 8 }, LUNG] },
  ]);
});

test("selecting a mark makes it the one that grows; without the setting nothing does", () => {
  const two = acted(SETTINGS, { select: LEFT }, { mark: "organ" }, { select: RIGHT }, { mark: "side" });
  const chosen = [{ select: LEFT }, { select: LUNG }, { piece: true as const }].reduce<spans.Value>(
    (value, action) => spans.reduce(value, action, SETTINGS, asked),
    two,
  );
  expect(spans.submitted(chosen, SETTINGS)).toEqual([SPLIT, { ...RIGHT, label: "side" }]);
  const plain = { labels: ["organ"] };
  const value = acted(plain, { select: LEFT }, { mark: "organ" }, { select: LUNG }, { piece: true });
  expect(spans.submitted(value, plain)).toEqual([{ ...LEFT, label: "organ" }]);
  expect(growing(spans.markedOf(value, plain))).toBeNull();
  expect(spans.keys(plain)).toHaveLength(spans.keys(SETTINGS).length - 2);
});

test("unmarking what lies between the pieces leaves the mark; its label again takes it away", () => {
  const value = acted(SETTINGS, { select: LEFT }, { mark: "organ" }, { piece: LUNG });
  const between = spans.reduce(spans.reduce(value, { select: RIGHT }, SETTINGS), { unmark: true }, SETTINGS);
  expect(spans.submitted(between, SETTINGS)).toEqual([SPLIT]);
  const selected = spans.reduce(value, { step: 1 }, SETTINGS);
  expect(spans.submitted(spans.reduce(selected, { mark: "organ" }, SETTINGS), SETTINGS)).toEqual([]);
});

test("where spans may not overlap, those that are entwined stand side by side", () => {
  const apart: spans.Settings = { ...SETTINGS, overlap: "none" };
  const value = acted(
    apart,
    { select: LEFT },
    { mark: "organ" },
    { piece: LUNG },
    { select: RIGHT },
    { mark: "side" },
  );
  expect(spans.submitted(value, apart)).toEqual([SPLIT, { ...RIGHT, label: "side" }]);
  const over = spans.reduce(spans.reduce(value, { select: LUNG }, apart), { mark: "side" }, apart);
  expect(spans.submitted(over, apart)).toEqual([
    { ...RIGHT, label: "side" },
    { ...LUNG, label: "side" },
  ]);
});

test("word by word a word joins the mark before, over the words between", () => {
  const tokens: spans.Settings = { ...SETTINGS, mode: "tokens" };
  const value = acted(tokens, { mark: "organ" }, { walk: 1 }, { walk: 1 }, { piece: true });
  expect(spans.submitted(value, tokens)).toEqual([SPLIT]);
  // A word without a label is taken out of whatever holds it.
  const back = acted(tokens, { mark: "organ" }, { walk: 1 }, { walk: 1 }, { piece: true }, { unmark: true });
  expect(spans.submitted(back, tokens)).toEqual([{ ...LEFT, label: "organ" }]);
});

test("the ends of a mark of pieces move, and its relations follow its pieces", () => {
  const settings: relations.Settings = { ...SETTINGS, types: ["of"] };
  const actions: relations.Action[] = [
    { select: RIGHT },
    { mark: "side" },
    { takeHead: true },
    { select: LEFT },
    { mark: "organ" },
    { relate: "of" },
    { piece: LUNG },
    { reach: { start: 0, end: 18 } },
  ];
  const value = actions.reduce<relations.Value>(
    (now, action) => relations.reduce(now, action, settings, asked),
    null,
  );
  const moved = { start: 0, end: 18, label: "organ", pieces: [LEFT, { start: 15, end: 18 }] };
  expect(relations.submitted(value, settings)).toEqual({
    spans: [moved, { ...RIGHT, label: "side" }],
    relations: [{ head: 1, tail: 0, type: "of" }],
  });
});

test("what is suggested keeps its pieces, and is left out where they are not allowed", () => {
  expect(readSpans([SPLIT], SETTINGS)).toEqual([SPLIT]);
  expect(readSpans([SPLIT], { labels: ["organ"] })).toEqual([]);
  expect(readSpans([{ ...SPLIT, pieces: [LUNG, LEFT] }], SETTINGS)).toEqual([]);
  const open = openSuggestions(
    { spans: [SPLIT] },
    [SPLIT, { ...SPLIT, pieces: [AND, LUNG], start: 5 }],
    SETTINGS,
  );
  expect(open).toHaveLength(1);
  const taken = spans.reduce(null, { takeAll: true }, SETTINGS, { ...asked, suggestion: [SPLIT] });
  expect(spans.submitted(taken, SETTINGS)).toEqual([SPLIT]);
});

test("a mark of pieces has one lane, drawn through the gap and cut at each piece's edge", () => {
  const spans_ = [SPLIT, { ...RIGHT, label: "side" }];
  const marks = laidOver(marksOf({ spans: spans_, labels: SETTINGS.labels }), { start: 0, end: 19 });
  expect(marks.map((mark) => mark.level)).toEqual([1, 0]);
  const segments = segmentsOf({ start: 0, end: 19 }, marks, { ...SPLIT });
  expect(segments.map(({ start }) => start)).toEqual([0, 4, 9, 14, 15]);
  expect(segments.map(({ isSelected }) => isSelected)).toEqual([true, false, false, false, true]);
});
