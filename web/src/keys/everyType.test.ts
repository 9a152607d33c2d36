/** A project may ask questions of any types together: whatever they claim, no key is for two things. */

import { beforeAll, expect, test } from "vitest";
import type { Question } from "../api/types";
import { project } from "../testing";
import { fetchWidgets, knownTypes } from "../widgets/registry";
import { keymapOf } from "./bindings";
import { COMMANDS, RESERVED } from "./commands";
import { ROWS } from "./layout";
import { tableOf } from "./table";

beforeAll(() => fetchWidgets(knownTypes()));

const FREE = ROWS.flat().filter((code) => !RESERVED.has(code)).length;
const LABELS = (n: number) => Array.from({ length: n }, (_, at) => `label ${at}`);
const SETTINGS: Record<string, (n: number) => Record<string, unknown>> = {
  classification: (n) => ({ labels: LABELS(n), display: ["list", "search", "cards", undefined][n % 4] }),
  multilabel: (n) => ({ labels: LABELS(n), display: ["list", "search", undefined][n % 3] }),
  taxonomy: (n) => ({ tree: [{ value: "top", children: LABELS(n) }, "other"] }),
  rating: (n) => ({ min: 0, max: n, display: n % 2 ? "slider" : "points" }),
  preference: (n) => ({
    tie: "tie",
    strengths: LABELS((n % 9) + 2),
    criteria: n % 2 ? LABELS(3) : undefined,
  }),
  ranking: (n) => ({ labels: LABELS(n) }),
  text: () => ({}),
  fields: (n) => ({
    fields: [
      { name: "kind", type: "choice", labels: LABELS(n) },
      { name: "sure", type: "boolean" },
    ],
  }),
  spans: (n) => ({ labels: LABELS(n) }),
  relations: (n) => ({ labels: LABELS(n), types: ["a", "b"] }),
  boxes: (n) => ({ labels: LABELS(n) }),
};

test("six questions of any types never share a key, and every key is in the table once", () => {
  const kinds = Object.keys(SETTINGS);
  let state = 7;
  const below = (most: number) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * most);
  };
  for (let round = 0; round < 150; round++) {
    const questions: Question[] = Array.from({ length: 6 }, (_, at) => {
      const kind = kinds[below(kinds.length)] ?? "text";
      const settings = SETTINGS[kind]?.(2 + below(18)) ?? {};
      return {
        name: `q${at}`,
        type: `labelwright/${kind}`,
        title: "",
        help: "",
        settings,
        required: true,
      } as Question;
    });
    const keymap = keymapOf(questions, null);
    const bound = [...keymap.byQuestion.values()].flat();
    const codes = [
      ...bound.flatMap(({ code }) => code ?? []),
      ...COMMANDS.flatMap((command) => command.codes),
    ];
    expect(new Set(codes).size).toBe(codes.length);
    const plain = project(...questions);
    const whole = {
      ...plain,
      assistant: { questions: 3, seconds: 60 },
      policy: { ...plain.policy, judged: true },
    };
    const rows = tableOf(whole, { commands: COMMANDS, keymap }, null).flatMap((section) => section.rows);
    expect(rows).toHaveLength(bound.length + COMMANDS.length);
    const names = bound.map(({ question, action }) => `${question}/${JSON.stringify(action)}`);
    expect(new Set(names).size, "each answer has a name of its own to be bound by").toBe(names.length);
    // The first answers of every question are in reach of a key as long as the keyboard has any.
    if (bound.length <= FREE) {
      expect(bound.every(({ code }) => code !== null)).toBe(true);
    }
  }
});
