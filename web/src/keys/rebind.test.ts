import { expect, test } from "vitest";
import type { Question } from "../api/types";
import { ASPECTS, project, question, SENTIMENT } from "../testing";
import { actionName, keymapOf } from "./bindings";
import { chordOf, refusalOf } from "./chord";
import { COMMANDS, commandsWith } from "./commands";
import { ROWS } from "./layout";
import {
  type Choices,
  holderOf,
  isChanged,
  isSame,
  type Keys,
  rebound,
  type Target,
  unbound,
} from "./rebind";
import { type KeyRow, tableOf } from "./table";
import { listsIn, recordsIn } from "./useKeys";

const NONE: Choices = { commands: {}, answers: {} };
const POSITIVE: Target = {
  kind: "answer",
  question: "sentiment",
  action: actionName({ choose: "positive" }),
};
const SKIP: Target = { kind: "command", command: "skip" };

function keysOf(choices: Choices, questions: readonly Question[] = [SENTIMENT, ASPECTS]): Keys {
  const commands = commandsWith(choices.commands);
  return { commands, keymap: keymapOf(questions, null, commands, choices.answers) };
}

const codesOf = ({ commands, keymap }: Keys) => [
  ...commands.flatMap((command) => command.codes),
  ...[...keymap.byQuestion.values()].flatMap((bound) => bound.flatMap((key) => key.code ?? [])),
];

const press = (code: string, held: Partial<KeyboardEvent> = {}) =>
  ({ code, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held }) as KeyboardEvent;

test("an answer takes a free key and leaves its own free; nobody else moves", () => {
  const keys = keysOf(rebound(keysOf(NONE), NONE, POSITIVE, "KeyP"));
  expect(holderOf(keys, "KeyP")?.target).toEqual(POSITIVE);
  expect(holderOf(keys, "Digit1")).toBeNull();
  expect(keys.keymap.byCode.get("Digit2")?.label).toBe("negative");
});

test("two answers change places, across questions too", () => {
  const keys = keysOf(rebound(keysOf(NONE), NONE, POSITIVE, "KeyQ"));
  expect(holderOf(keys, "KeyQ")?.target).toEqual(POSITIVE);
  expect(holderOf(keys, "Digit1")?.label).toBe("battery");
});

test("an answer and a command change places", () => {
  const keys = keysOf(rebound(keysOf(NONE), NONE, POSITIVE, "KeyS"));
  expect(holderOf(keys, "KeyS")?.target).toEqual(POSITIVE);
  expect(holderOf(keys, "Digit1")?.target).toEqual(SKIP);
});

test("a command that takes an answer's key moves that answer alone, in every project", () => {
  const choices = rebound(keysOf(NONE), NONE, SKIP, "Digit2");
  const here = keysOf(choices);
  expect(holderOf(here, "KeyS")?.label).toBe("negative");
  expect(here.keymap.byCode.get("Digit3")?.label).toBe("neutral");
  const elsewhere = keysOf({ ...choices, answers: {} });
  expect(elsewhere.keymap.byCode.get("Digit1")?.label).toBe("positive");
  expect(elsewhere.keymap.byCode.get("Digit3")?.label).toBe("neutral");
  expect(elsewhere.keymap.byQuestion.get("sentiment")?.[1]?.code).not.toBeNull();
});

test("the second key of a command stays where it was, and Enter always submits", () => {
  const undo: Target = { kind: "command", command: "undo" };
  const changed = rebound(keysOf(NONE), NONE, undo, "KeyZ");
  expect(commandsWith(changed.commands).find((one) => one.command === "undo")?.codes).toEqual([
    "KeyZ",
    "Backspace",
  ]);
  const submit: Target = { kind: "command", command: "submit" };
  const other = rebound(keysOf(NONE), NONE, submit, "KeyB");
  expect(commandsWith(other.commands)[0]?.codes).toEqual(["KeyB", "Enter"]);
});

test("resetting gives the first key back, and then nothing counts as changed", () => {
  const changed = rebound(keysOf(NONE), NONE, SKIP, "KeyZ");
  expect(isChanged(changed, SKIP)).toBe(true);
  const back = unbound(changed, SKIP);
  expect(isChanged(back, SKIP)).toBe(false);
  expect(codesOf(keysOf(back))).toEqual(codesOf(keysOf(NONE)));
});

test("whatever is changed in whatever order, no key is for two things and what was chosen holds", () => {
  const random = numbers(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const chords = [...ROWS.flat(), "Backspace", ...ROWS.flat().map((code) => `Shift+${code}`)];
  for (let round = 0; round < 60; round++) {
    const questions = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, q) => {
      const labels = Array.from({ length: Math.floor(random() * 22) }, (_, place) => `label ${place}`);
      return question(`q${q}`, `labelwright/${pick(["classification", "multilabel"])}`, ...labels);
    });
    let choices = NONE;
    for (let step = 0; step < 12; step++) {
      const keys = keysOf(choices, questions);
      const target = pick(tableOf(project(...questions), keys, null).flatMap(({ rows }) => rows)).target;
      if (random() < 0.2) {
        choices = unbound(choices, target);
      } else {
        const chord = pick(chords);
        choices = rebound(keys, choices, target, chord);
        expect(holderOf(keysOf(choices, questions), chord)?.target).toEqual(target);
      }
      const now = keysOf(choices, questions);
      const codes = codesOf(now);
      expect(new Set(codes).size).toBe(codes.length);
      expect(now.commands.filter(({ codes }) => codes.length === 0)).toEqual([]);
    }
  }
});

test("choices of another day never break the table: what collides falls back to a key of its own", () => {
  const commands = { skip: ["KeyG", "Tab"], undo: ["KeyG"], guideline: ["Enter"] };
  const answers = {
    sentiment: { [POSITIVE.kind === "answer" ? POSITIVE.action : ""]: "KeyU" },
    gone: { x: "KeyX" },
  };
  const keys = keysOf({ commands, answers });
  const codes = codesOf(keys);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes).not.toContain("Tab");
  expect(holderOf(keys, "Enter")?.target).toEqual({ kind: "command", command: "submit" });
});

test("storage that is damaged or of another shape counts as empty", () => {
  expect(listsIn(undefined)).toEqual({});
  expect(listsIn("{")).toEqual({});
  expect(listsIn('{"skip": ["KeyZ"], "undo": "KeyX"}')).toEqual({ skip: ["KeyZ"] });
  expect(recordsIn('[1, {"a": 2}]')).toEqual({});
  expect(recordsIn('{"q": {"a": "KeyA"}, "r": {"a": 1}}')).toEqual({ q: { a: "KeyA" } });
});

test("what the browser or the reader needs is refused, with the reason", () => {
  expect(refusalOf(press("KeyT", { ctrlKey: true }), null)).toMatch(/belong to the browser/);
  expect(refusalOf(press("Tab"), null)).toMatch(/from field to field/);
  expect(refusalOf(press("Space"), null)).toBeNull();
  expect(refusalOf(press("Space", { shiftKey: true }), "skip")).toBeNull();
  expect(refusalOf(press("ArrowUp"), null)).toMatch(/scroll/);
  expect(refusalOf(press("F5"), null)).toMatch(/belong to the browser/);
  expect(refusalOf(press("Enter"), "skip")).toMatch(/keeps that/);
  expect(refusalOf(press("BrowserBack"), null)).toMatch(/does not tell/);
  expect(refusalOf(press(""), null)).toMatch(/does not tell/);
  expect(refusalOf(press("Enter"), "submit")).toBeNull();
  expect(refusalOf(press("KeyK", { shiftKey: true }), null)).toBeNull();
});

test("a press is told with Shift and by its place", () => {
  expect(chordOf(press("KeyU", { shiftKey: true }))).toBe("Shift+KeyU");
  expect(chordOf(press("Numpad4"))).toBe("Digit4");
});

test("the table holds every answer and every command once, and none that the project has not", () => {
  const plain = project(SENTIMENT, ASPECTS);
  const whole = { ...plain, assistant: "house", policy: { ...plain.policy, judged: true } };
  const [rows, without] = [whole, plain].map((one) =>
    tableOf(one as typeof plain, keysOf(NONE), null).flatMap((section) => section.rows),
  ) as [KeyRow[], KeyRow[]];
  expect(rows).toHaveLength(3 + 3 + COMMANDS.length);
  expect(
    rows.filter((row) => !without.some(({ label }) => label === row.label)).map(({ label }) => label),
  ).toEqual(["Ask about this item", "What the model says against your answers"]);
  expect(rows.filter(({ target }) => isSame(target, SKIP))[0]?.caps).toEqual(["S"]);
  expect(rows.find(({ label }) => label === "All keys")?.caps).toEqual(["?"]);
});

/** A small generator of numbers in [0, 1), the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
