/** The keys of a project's questions: allotted once, then looked up by place. */

import type { Question } from "../api/types";
import { widgetFor } from "../widgets/registry";
import { allocate } from "./allocate";
import { type Chord, isRefused } from "./chord";
import { COMMANDS, type CommandKey } from "./commands";
import { capOf } from "./layout";

export interface BoundKey {
  question: string;
  action: unknown;
  label: string;
  code: Chord | null;
  cap: string | null;
  /** The part of the question that the key goes to. */
  focuses?: string | undefined;
}

export interface Keymap {
  /** Per question, in the order of its widget's `keys`. */
  byQuestion: ReadonlyMap<string, readonly BoundKey[]>;
  byCode: ReadonlyMap<Chord, BoundKey>;
}

/** What a person chose for answers: by question, then by `actionName`. */
export type ChosenAnswers = Readonly<Record<string, Readonly<Record<string, Chord>>>>;

/** An action's name among those of its question. */
export function actionName(action: unknown): string {
  return JSON.stringify(action);
}

export function keymapOf(
  questions: readonly Question[],
  layout: ReadonlyMap<string, string> | null,
  commands: readonly CommandKey[] = COMMANDS,
  chosen: ChosenAnswers = {},
): Keymap {
  const bindings = questions.map((question) => widgetFor(question.type)?.keys(question.settings) ?? []);
  const allotted = allocate(
    bindings.map((list) => list.length),
    {
      reserved: new Set(commands.flatMap((command) => command.codes)),
      pinned: questions.map((question, q) =>
        (bindings[q] ?? []).map((binding) => chordChosen(chosen, question.name, binding.action)),
      ),
      preferred: bindings.map((list) => list.map((binding) => binding.preferred ?? null)),
    },
  );
  const byQuestion = new Map<string, BoundKey[]>();
  const byCode = new Map<Chord, BoundKey>();
  questions.forEach((question, q) => {
    const bound = (bindings[q] ?? []).map((binding, place) => {
      const code = allotted[q]?.[place] ?? null;
      const cap = code === null ? null : capOf(code, layout);
      const { action, label, focuses } = binding;
      return { question: question.name, action, label, code, cap, focuses };
    });
    byQuestion.set(question.name, bound);
    for (const key of bound) {
      if (key.code !== null) {
        byCode.set(key.code, key);
      }
    }
  });
  return { byQuestion, byCode };
}

function chordChosen(chosen: ChosenAnswers, question: string, action: unknown): Chord | null {
  const chord = chosen[question]?.[actionName(action)];
  return chord === undefined || isRefused(chord, null) ? null : chord;
}
