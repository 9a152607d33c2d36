import { expect, test } from "vitest";
import { ASPECTS, question, SENTIMENT } from "../testing";
import { allocate } from "./allocate";
import { keymapOf } from "./bindings";
import { COMMANDS, commandOf, RESERVED } from "./commands";
import { capOf, placeOf } from "./layout";

test("the first question has the digits, the second the row below", () => {
  expect(allocate([3, 2])).toEqual([
    ["Digit1", "Digit2", "Digit3"],
    ["KeyQ", "KeyW"],
  ]);
});

test("no key is given twice and none of the page's own keys is given, however many answers there are", () => {
  for (const counts of [[1], [4, 6], [12, 12, 12, 12], [60], [2, 30, 2, 9, 5], [0, 3]]) {
    const given = allocate(counts)
      .flat()
      .filter((code) => code !== null);
    expect(new Set(given).size).toBe(given.length);
    expect(given.filter((code) => RESERVED.has(code))).toEqual([]);
    expect(allocate(counts).map((codes) => codes.length)).toEqual(counts);
  }
});

test("a long question does not push another off its row", () => {
  const [, second] = allocate([25, 2]);
  expect(second).toEqual(["KeyQ", "KeyW"]);
});

test("where the keyboard is full, answers go without a key", () => {
  const [codes] = allocate([100]);
  expect(codes?.at(-1)).toBeNull();
});

test("a key is looked up by its place and leads to the widget's action", () => {
  const keymap = keymapOf([SENTIMENT, ASPECTS], null);
  expect(keymap.byCode.get("Digit2")).toMatchObject({
    question: "sentiment",
    action: { choose: "negative" },
  });
  expect(keymap.byCode.get("KeyQ")).toMatchObject({ question: "aspects", action: { toggle: "battery" } });
  expect(keymap.byCode.get("KeyE")).toMatchObject({ action: { none: true }, label: "none of these" });
});

test("a question of an unknown type takes no keys and breaks none", () => {
  const keymap = keymapOf([question("shape", "somebody/else"), SENTIMENT], null);
  expect(keymap.byQuestion.get("shape")).toEqual([]);
  expect(keymap.byQuestion.get("sentiment")).toHaveLength(3);
});

test("caps show the person's own layout, but digits stay digits", () => {
  const azerty = new Map([
    ["KeyQ", "a"],
    ["Digit1", "&"],
  ]);
  expect(capOf("KeyQ", azerty)).toBe("A");
  expect(capOf("Digit1", azerty)).toBe("1");
  expect(capOf("KeyW", null)).toBe("W");
});

test("the number pad's digits and Enter are the same keys", () => {
  expect(placeOf("Numpad3")).toBe("Digit3");
  expect(placeOf("NumpadEnter")).toBe("Enter");
  expect(placeOf("KeyN")).toBe("KeyN");
});

test("every command has a key of its own", () => {
  const codes = COMMANDS.flatMap((command) => command.codes);
  expect(new Set(codes).size).toBe(codes.length);
});

test("the question mark is found wherever a layout puts it; the slash alone is no command", () => {
  expect(commandOf(COMMANDS, "Shift+Slash", "?")).toBe("help");
  expect(commandOf(COMMANDS, "Shift+Minus", "?")).toBe("help");
  expect(commandOf(COMMANDS, "Slash", "/")).toBeNull();
  expect(commandOf(COMMANDS, "Backspace", "Backspace")).toBe("undo");
  expect(commandOf(COMMANDS, "Shift+KeyU", "U")).toBe("redo");
  expect(commandOf(COMMANDS, "Shift+KeyS", "S")).toBeNull();
});
