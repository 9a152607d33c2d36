/** What a person does with what is suggested: take it over, answer as one of the models does, or reject it. */

import type { Entry, Project } from "../api/types";
import { questionsOf, shownQuestions } from "../domain/asked";
import type { Happening, Labelling } from "../domain/labelling";
import { current } from "../domain/labelling";
import type { Store } from "../domain/store";
import { widgetFor } from "../widgets/registry";
import { answersOf, answerTo, isOpen, isSame, missing, submittedAs, suggestionOf } from "./answering";

export interface Suggesting {
  /** Take over what is suggested for every question that has no answer yet. */
  acceptSuggestions(): void;
  /** Answer a question as one of the models does. */
  adopt(question: string, value: unknown): void;
  /** Answer as the next of the models does, where several were asked. */
  adoptNext(): void;
  /** Reject what was filled in: the answers are empty again. */
  reject(): void;
}

export function createSuggesting(project: Project, store: Store<Labelling, Happening>): Suggesting {
  function adopt(entry: Entry, name: string, value: unknown): void {
    const question = questionsOf(project, entry).find((one) => one.name === name);
    const taken = question && widgetFor(question.type)?.initial(question.settings, value);
    if (taken !== undefined && taken !== null) {
      store.dispatch({ type: "answered", question: name, value: taken });
    }
  }

  return {
    acceptSuggestions() {
      const state = store.get();
      const entry = current(state);
      if (entry === null) {
        return;
      }
      // In the project's order, so that one taken over may bring up the next.
      for (const question of questionsOf(project, entry)) {
        const now = store.get();
        const answers = now.drafts[entry.lease] ?? {};
        const isDue = isOpen(question, answers) || missing(project, entry, now).has(question);
        const widget = widgetFor(question.type);
        if (!widget || !isDue || !shownQuestions(project, entry, answers).includes(question)) {
          continue;
        }
        const suggestion = suggestionOf(entry, question, state.showsSuggestions)?.value ?? null;
        const action = widget.accept?.(question.settings) ?? null;
        const value =
          action === null
            ? suggestion === null
              ? null
              : widget.initial(question.settings, suggestion)
            : widget.reduce(answerTo(question, answers), action, question.settings, {
                item: entry.item,
                suggestion,
              });
        if (value !== null) {
          store.dispatch({ type: "answered", question: question.name, value });
        }
      }
    },
    adopt(name, value) {
      const entry = current(store.get());
      if (entry !== null) {
        adopt(entry, name, value);
      }
    },
    adoptNext() {
      const entry = current(store.get());
      if (entry === null) {
        return;
      }
      for (const question of questionsOf(project, entry)) {
        const opinions = entry.suggestions?.[question.name]?.opinions ?? [];
        const now = answersOf(project, entry, store.get())[question.name];
        const place = opinions.findIndex((one) => isSame(submittedAs(question, one.value), now));
        const next = opinions[(place + 1) % Math.max(1, opinions.length)];
        if (next !== undefined) {
          adopt(entry, question.name, next.value);
        }
      }
    },
    reject() {
      const entry = current(store.get());
      for (const question of entry === null ? [] : questionsOf(project, entry)) {
        const empty = widgetFor(question.type)?.initial(question.settings, null) ?? null;
        store.dispatch({ type: "answered", question: question.name, value: empty });
      }
    },
  };
}
