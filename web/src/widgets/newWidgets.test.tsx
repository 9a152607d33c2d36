/** What each widget makes of actions, without a page; and the pages of those that people write and mark on. */

import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { beforeAll, expect, test, vi } from "vitest";
import { entry } from "../testing";
import * as boxes from "./boxes/logic";
import * as fields from "./fields/logic";
import { imageOf } from "./imaging/imageOf";
import { moved, snapped, wordsOf } from "./marking/words";
import * as preference from "./preference/logic";
import * as ranking from "./ranking/logic";
import * as rating from "./rating/logic";
import { fetchWidgets, knownTypes, widgetFor } from "./registry";
import * as relations from "./relations/logic";
import * as spans from "./spans/logic";
import * as text from "./text/logic";

beforeAll(() => fetchWidgets(knownTypes()));

const TYPES = ["rating", "preference", "ranking", "text", "fields", "spans", "relations", "boxes"];

test.each(TYPES)("%s has a widget under its registered name", (name) => {
  expect(widgetFor(`labelwright/${name}`)?.name).toBe(`labelwright/${name}`);
});

// ---------------------------------------------------------------- rating

test("a rating is a point of the scale and nothing else", () => {
  const scale = { min: 0, max: 3, min_title: "awful" };
  expect(rating.reduce(null, { rate: 2 }, scale)).toBe(2);
  expect(rating.reduce(2, { rate: 4 }, scale)).toBe(2);
  expect(rating.initial(scale, 9)).toBeNull();
  expect(rating.problems(null)).toHaveLength(1);
  expect(rating.problems(0)).toEqual([]);
  expect(rating.keys(scale).map((key) => key.label)).toEqual(["0 – awful", "1", "2", "3"]);
});

// ---------------------------------------------------------------- preference

test("a preference without strength is the side's label", () => {
  const plain = { labels: ["left", "right"], tie: "tie" };
  expect(preference.keys(plain).map((key) => key.label)).toEqual(["left", "tie", "right"]);
  expect(preference.reduce(null, { prefer: { choice: "tie", strength: null } }, plain)).toBe("tie");
  expect(preference.reduce("left", { prefer: { choice: "up", strength: null } }, plain)).toBe("left");
  expect(preference.initial(plain, "right")).toBe("right");
  expect(preference.initial(plain, "up")).toBeNull();
});

test("a preference with strength goes from one end of the scale to the other", () => {
  const graded = { tie: "tie", strengths: ["slightly", "much"] };
  expect(preference.keys(graded).map((key) => key.label)).toEqual([
    "A much",
    "A slightly",
    "tie",
    "B slightly",
    "B much",
  ]);
  const value = preference.reduce(null, { prefer: { choice: "B", strength: "much" } }, graded);
  expect(value).toEqual({ choice: "B", strength: "much" });
  expect(preference.describe(value, graded)).toBe("B much");
  expect(preference.reduce(null, { prefer: { choice: "A", strength: null } }, graded)).toBeNull();
});

// ---------------------------------------------------------------- ranking

test("candidates are placed one after the other; named again, one leaves", () => {
  const three = { labels: ["a", "b", "c"] };
  const place = (value: ranking.Value, ...names: string[]) =>
    names.reduce((order, name) => ranking.reduce(order, { place: name }, three), value);
  const order = place(null, "c", "a");
  expect(order).toEqual(["c", "a"]);
  expect(ranking.problems(order, three)[0]?.text).toBe("Still to be placed: b.");
  expect(ranking.problems(place(order, "b"), three)).toEqual([]);
  expect(place(order, "c")).toEqual(["a"]);
  expect(ranking.reduce(place(order, "b"), { move: "b", by: -1 }, three)).toEqual(["c", "b", "a"]);
  expect(ranking.reduce(order, { move: "c", by: -1 }, three)).toBe(order);
  expect(ranking.reduce(order, { anew: true }, three)).toBeNull();
  expect(ranking.initial(three, ["a", "b"])).toBeNull();
});

// ---------------------------------------------------------------- text

test("a text is needed, unless it may stay empty and that is said", () => {
  expect(text.problems(null, {})).toHaveLength(1);
  expect(text.problems("  ", {})).toHaveLength(1);
  expect(text.problems("a", {})).toEqual([]);
  expect(text.problems(null, { allow_empty: true })).toHaveLength(1);
  expect(text.problems(text.reduce(null, { leaveEmpty: true }), { allow_empty: true })).toEqual([]);
  expect(text.problems("🦊🦊🦊", { max_length: 3 })).toEqual([]);
  expect(text.problems("🦊🦊🦊!", { max_length: 3 })[0]?.text).toContain("4 characters");
  expect(text.problems("half \ud83e", {})[0]?.text).toContain("half a character");
});

// ---------------------------------------------------------------- fields

const FORM: fields.Settings = {
  fields: [
    { name: "shop", type: "text", required: true },
    { name: "total", type: "number" },
    { name: "paid", type: "boolean" },
    { name: "on", type: "date" },
  ],
};

test("a form is whole when every field is filled in or said to be not stated", () => {
  let value = fields.reduce(null, { fill: "shop", to: "Ada's" }, FORM);
  expect(fields.problems(value, FORM)).toHaveLength(3);
  value = fields.reduce(value, { rest: true }, FORM);
  expect(value).toEqual({ shop: "Ada's", total: null, paid: null, on: null });
  expect(fields.problems(value, FORM)).toEqual([]);
  expect(fields.problems(fields.reduce(null, { rest: true }, FORM), FORM)[0]?.text).toBe("shop: fill it in.");
  expect(fields.reduce(value, { fill: "total", to: undefined }, FORM)).not.toHaveProperty("total");
});

test("what is written must be of its field's kind", () => {
  const value = { shop: "x", total: "3 pounds", paid: true, on: "2026-02-30" };
  expect(fields.problems(value, FORM).map((reason) => reason.text)).toEqual([
    "total: write a number.",
    "on: write a date as YYYY-MM-DD.",
  ]);
  expect(fields.keys(FORM).map((key) => key.label)).toEqual([
    "paid: yes",
    "paid: no",
    "the rest is not stated",
  ]);
});

// ---------------------------------------------------------------- spans

const MARKS: spans.Settings = { labels: ["person", "place"] };
const acted = (settings: spans.Settings, ...actions: spans.Action[]) =>
  actions.reduce<spans.Value>((value, action) => spans.reduce(value, action, settings), null);

test("what is selected is marked by a label's key, and unmarked by the same", () => {
  const value = acted(MARKS, { select: { start: 0, end: 3 } }, { mark: "person" });
  expect(spans.submitted(value, MARKS)).toEqual([{ start: 0, end: 3, label: "person" }]);
  expect(spans.problems(value, MARKS)).toEqual([]);
  const again = spans.reduce(value, { mark: "person" }, MARKS);
  expect(spans.submitted(again, MARKS)).toEqual([]);
  expect(spans.problems(again, MARKS)).toHaveLength(1);
});

test("without a selection a label's key does nothing; nothing is said on purpose", () => {
  expect(spans.submitted(acted(MARKS, { mark: "person" }), MARKS)).toEqual([]);
  const nothing = acted(MARKS, { nothing: true });
  expect(spans.problems(nothing, MARKS)).toEqual([]);
  expect(spans.problems(spans.reduce(nothing, { nothing: true }, MARKS), MARKS)).toHaveLength(1);
});

test("where spans may not overlap, the new one takes the place of the old", () => {
  const apart: spans.Settings = { ...MARKS, overlap: "none" };
  const actions: spans.Action[] = [
    { select: { start: 0, end: 6 } },
    { mark: "person" },
    { select: { start: 4, end: 9 } },
    { mark: "place" },
  ];
  expect(spans.submitted(acted(apart, ...actions), apart)).toEqual([{ start: 4, end: 9, label: "place" }]);
  expect(spans.submitted(acted(MARKS, ...actions), MARKS)).toHaveLength(2);
});

test("an answer that was sent can be taken up again, and marks be stepped through and removed", () => {
  const sent = [
    { start: 8, end: 10, label: "person" },
    { start: 0, end: 3, label: "person" },
    { start: 4, end: 7, label: "unknown" },
  ];
  let value = spans.reduce(spans.initial(MARKS, sent), { step: 1 }, MARKS);
  value = spans.reduce(value, { step: 1 }, MARKS);
  expect(spans.markedOf(value, MARKS).selection).toEqual({ start: 8, end: 10 });
  value = spans.reduce(value, { unmark: true }, MARKS);
  expect(spans.submitted(value, MARKS)).toEqual([{ start: 0, end: 3, label: "person" }]);
});

test("the selection goes from word to word and grows by words and by characters", () => {
  const words = wordsOf("Ada 🦊 met Zoë.");
  const press = (selection: { start: number; end: number } | null, key: string, more = {}) =>
    moved(words, selection, { key, shiftKey: false, altKey: false, ...more });
  expect(press(null, "ArrowRight")).toEqual({ start: 0, end: 3 });
  expect(press({ start: 0, end: 3 }, "ArrowRight")).toEqual({ start: 4, end: 5 });
  expect(press({ start: 4, end: 5 }, "ArrowRight", { shiftKey: true })).toEqual({ start: 4, end: 9 });
  expect(press({ start: 4, end: 9 }, "ArrowLeft", { shiftKey: true })).toEqual({ start: 4, end: 5 });
  expect(press({ start: 10, end: 13 }, "ArrowLeft", { altKey: true })).toEqual({ start: 10, end: 12 });
  expect(press({ start: 10, end: 13 }, "ArrowRight", { altKey: true, shiftKey: true })).toEqual({
    start: 11,
    end: 13,
  });
  expect(press({ start: 4, end: 5 }, "Escape")).toBeNull();
  expect(press({ start: 4, end: 5 }, "Enter")).toBeUndefined();
  expect(snapped(words, { start: 1, end: 7 })).toEqual({ start: 0, end: 9 });
  expect(snapped(words, { start: 3, end: 4 })).toBeNull();
});

// ---------------------------------------------------------------- relations

test("two marks are related from head to tail, and the relation falls with its mark", () => {
  const settings: relations.Settings = { ...MARKS, types: ["met"] };
  const act = (value: relations.Value, ...actions: relations.Action[]) =>
    actions.reduce<relations.Value>((one, action) => relations.reduce(one, action, settings), value);
  const value = act(
    null,
    { select: { start: 8, end: 10 } },
    { mark: "person" },
    { takeHead: true },
    { select: { start: 0, end: 3 } },
    { mark: "person" },
    { relate: "met" },
  );
  const sent = relations.submitted(value, settings);
  expect(sent.relations).toEqual([{ head: 1, tail: 0, type: "met" }]);
  expect(relations.submitted(relations.initial(settings, sent), settings)).toEqual(sent);
  expect(relations.submitted(act(value, { relate: "met" }), settings).relations).toEqual([]);
  expect(relations.submitted(act(value, { unmark: true }), settings)).toEqual({
    spans: [{ start: 8, end: 10, label: "person" }],
    relations: [],
  });
});

// ---------------------------------------------------------------- boxes

test("a box is drawn, labelled, moved and sized by keys, and never leaves the image", () => {
  const settings: boxes.Settings = { labels: ["cat", "dog"] };
  const act = (value: boxes.Value, ...actions: boxes.Action[]) =>
    actions.reduce<boxes.Value>((one, action) => boxes.reduce(one, action, settings), value);
  let value = act(null, { draw: { x: 0.8, y: -0.1, width: 0.4, height: 0.3 } });
  expect(boxes.submitted(value, settings)).toEqual([{ x: 0.8, y: 0, width: 0.2, height: 0.2, label: "cat" }]);
  value = act(value, { label: "dog" }, { move: [0.1, 0.01] }, { grow: [-0.1, 0.1] });
  expect(boxes.submitted(value, settings)).toEqual([
    { x: 0.8, y: 0.01, width: 0.1, height: 0.3, label: "dog" },
  ]);
  value = act(value, { add: true }, { step: 1 }, { remove: true });
  expect(boxes.submitted(value, settings)).toEqual([
    { x: 0.3, y: 0.3, width: 0.4, height: 0.4, label: "dog" },
  ]);
  expect(act(value, { draw: { x: 0, y: 0, width: 0.001, height: 0.5 } })).toBe(value);
  expect(boxes.problems(null, settings)).toHaveLength(1);
  expect(boxes.problems(act(null, { nothing: true }), settings)).toEqual([]);
});

test("arrow keys move, with Shift they size, Alt makes them fine; other keys are the page's", () => {
  const plain = { key: "ArrowLeft", shiftKey: false, altKey: false };
  expect(boxes.pressed(plain)).toEqual({ move: [-0.01, 0] });
  expect(boxes.pressed({ ...plain, key: "ArrowDown", shiftKey: true, altKey: true })).toEqual({
    grow: [0, 0.001],
  });
  expect(boxes.pressed({ ...plain, key: "Enter" })).toBeNull();
});

test("an image is what the item carries, and nothing is fetched for it", () => {
  const item = (content: Record<string, unknown>) => ({ ...entry("a").item, content });
  const settings = { labels: ["cat"] };
  expect(imageOf(settings, item({ text: "a cat", image: "data:image/png;base64,AA" }))).toContain("data:");
  expect(imageOf(settings, item({ image: "https://elsewhere.example/cat.png" }))).toBeNull();
  expect(imageOf(settings, item({ image: "/api/v1/session" }))).toBeNull();
  expect(
    imageOf({ ...settings, field: "text" }, item({ text: "a cat", image: "data:image/png;base64,AA" })),
  ).toBeNull();
});

// ---------------------------------------------------------------- on the page

function draw(type: string, settings: object, value: unknown, dispatch: (action: unknown) => void) {
  const widget = widgetFor(`labelwright/${type}`);
  if (widget === null) {
    throw new Error(`no widget for ${type}`);
  }
  const caps = widget.keys(settings).map((_, place) => String(place + 1));
  const item = { ...entry("a").item, content: { text: "Ada 🦊 met Bo." } };
  render(
    <MantineProvider>
      <widget.Render
        id="q"
        title="q"
        acceptCap="A"
        item={item}
        settings={settings}
        value={value}
        suggestion={null}
        caps={caps}
        describedBy={undefined}
        dispatch={dispatch}
      />
    </MantineProvider>,
  );
}

test("arrow keys select in the text, and places are told in code points", async () => {
  const dispatch = vi.fn();
  draw("spans", MARKS, acted(MARKS, { select: { start: 4, end: 5 } }, { mark: "person" }), dispatch);
  const passage = await screen.findByRole("textbox");
  expect(passage.textContent).toBe("Ada 🦊 met Bo.");
  fireEvent.keyDown(passage, { key: "ArrowRight" });
  expect(dispatch).toHaveBeenCalledWith({ select: { start: 6, end: 9 } });
  expect(passage.querySelector("[data-label='person']")?.textContent).toBe("🦊");
  expect(passage.querySelector("[data-flag]")?.getAttribute("data-caption")).toBe("person");
});

test("a text without a single field to mark says what is missing", async () => {
  draw("spans", { ...MARKS, field: "body" }, null, () => {});
  expect((await screen.findByRole("alert")).textContent).toContain("needs the setting “field”");
});

test("a form's fields are reached by name and tell what was written", async () => {
  const dispatch = vi.fn();
  draw("fields", FORM, null, dispatch);
  fireEvent.change(await screen.findByRole("textbox", { name: "total" }), { target: { value: "3.5" } });
  expect(dispatch).toHaveBeenCalledWith({ fill: "total", to: 3.5 });
  fireEvent.click(screen.getByRole("radio", { name: /yes/ }));
  expect(dispatch).toHaveBeenCalledWith({ fill: "paid", to: true });
});
