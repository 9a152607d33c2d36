/** The keys of a project's questions: allotted once, then looked up by place. */

import type { Question } from "../api/types";
import { widgetFor } from "../widgets/registry";
import { allocate } from "./allocate";
import { capOf } from "./layout";

export interface BoundKey {
  question: string;
  action: unknown;
  label: string;
  code: string | null;
  cap: string | null;
}

export interface Keymap {
  /** Per question, in the order of its widget's `keys`. */
  byQuestion: ReadonlyMap<string, readonly BoundKey[]>;
  byCode: ReadonlyMap<string, BoundKey>;
}

export function keymapOf(questions: readonly Question[], layout: ReadonlyMap<string, string> | null): Keymap {
  const bindings = questions.map((question) => widgetFor(question.type)?.keys(question.settings) ?? []);
  const allotted = allocate(bindings.map((list) => list.length));
  const byQuestion = new Map<string, BoundKey[]>();
  const byCode = new Map<string, BoundKey>();
  questions.forEach((question, q) => {
    const bound = (bindings[q] ?? []).map((binding, place) => {
      const code = allotted[q]?.[place] ?? null;
      const cap = code === null ? null : capOf(code, layout);
      return { question: question.name, action: binding.action, label: binding.label, code, cap };
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
