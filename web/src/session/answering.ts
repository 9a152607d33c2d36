/** What stands of an item's answers: what is open, what is suggested, what would be sent, why it cannot be yet. Pure. */

import type { Answers, Entry, Project, Question, Suggestion } from "../api/types";
import { isUntouched, questionsOf, shownQuestions } from "../domain/asked";
import type { Done, Labelling } from "../domain/labelling";
import { current } from "../domain/labelling";
import { widgetFor } from "../widgets/registry";
import type { Reason } from "../widgets/widget";
import { t } from "../words/words";

/** The person answers first: what the model says comes after. */
export function isHeldBack(entry: Entry): boolean {
  return entry.display === "after_choice" && entry.first_answers === null;
}

/** Fill in what the model says, where the project has it so and nothing was begun. */
export function prepared(project: Project, entry: Entry): Entry {
  const isFilled = entry.display === "prefilled" || entry.display === "judge";
  if (!isFilled || entry.draft !== null || entry.suggestions === null) {
    return entry;
  }
  const answers: Answers = {};
  for (const question of questionsOf(project, entry)) {
    const said = entry.suggestions[question.name];
    const value = said && widgetFor(question.type)?.initial(question.settings, said.value);
    if (value !== undefined && value !== null) {
      answers[question.name] = value;
    }
  }
  return { ...entry, draft: { answers, seconds: 0 } };
}

/** Where the model's label is judged: whether the answer is another one. */
export function isRejected(project: Project, entry: Entry, state: Labelling): boolean {
  const answers = state.drafts[entry.lease] ?? {};
  return (
    entry.display === "judge" &&
    shownQuestions(project, entry, answers).some((question) => {
      const said = entry.suggestions?.[question.name];
      return (
        said && !isSame(submittedAs(question, said.value), submitted(question, answerTo(question, answers)))
      );
    })
  );
}

export function reasonOf(entry: Entry, state: Labelling): string {
  return (state.reasons[entry.lease] ?? "").trim();
}

/** What would be sent, had the person answered as the model does. */
export function submittedAs(question: Question, said: unknown): unknown {
  return submitted(question, widgetFor(question.type)?.initial(question.settings, said) ?? null);
}

function submitted(question: Question, value: unknown): unknown {
  const widget = widgetFor(question.type);
  return widget?.submitted ? widget.submitted(value, question.settings) : value;
}

/** Lists of plain words are the same in any order. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));
}

function inOrder(value: unknown): unknown {
  const isWords = Array.isArray(value) && value.every((one) => typeof one === "string");
  return isWords ? value.toSorted() : value;
}

/** A skip that was sent stays a skip: the item comes to somebody else. */
export function canUndo(done: Done): boolean {
  return done.kind === "submit" && ["on its way", "saved", "surplus"].includes(done.status);
}

/** Say whether the item on the desk was answered before and taken back. */
export function canRedo(state: Labelling): boolean {
  const entry = current(state);
  return entry !== null && entry.lease in state.takenBack;
}

export function answerTo(question: Question, answers: Answers): unknown {
  const given = answers[question.name];
  return given === undefined ? (widgetFor(question.type)?.initial(question.settings, null) ?? null) : given;
}

/** The suggestion to be shown for a question, if any. */
export function suggestionOf(entry: Entry, question: Question, isShown: boolean): Suggestion | null {
  return isShown ? (entry.suggestions?.[question.name] ?? null) : null;
}

/** Say whether nothing is answered yet. */
export function isOpen(question: Question, answers: Answers): boolean {
  return isUntouched(
    answerTo(question, answers),
    widgetFor(question.type)?.initial(question.settings, null) ?? null,
  );
}

/** Why the item cannot be submitted, per question; empty when it can. One that may be left open has no reason until it
 * is begun. */
export function missing(project: Project, entry: Entry, state: Labelling): Map<Question, Reason[]> {
  const answers = state.drafts[entry.lease] ?? {};
  const found = new Map<Question, Reason[]>();
  for (const question of shownQuestions(project, entry, answers)) {
    if (!question.required && isOpen(question, answers)) {
      continue;
    }
    const widget = widgetFor(question.type);
    const reasons = widget
      ? widget.problems(answerTo(question, answers), question.settings)
      : [
          {
            text: t("This page does not know the question type {{type}}: reload it after the upgrade.", {
              type: question.type,
            }),
          },
        ];
    if (reasons.length > 0) {
      found.set(question, reasons);
    }
  }
  return found;
}

/** What would be sent. */
export function answersOf(project: Project, entry: Entry, state: Labelling): Answers {
  const draft = state.drafts[entry.lease] ?? {};
  return Object.fromEntries(
    shownQuestions(project, entry, draft)
      .filter((question) => question.required || !isOpen(question, draft))
      .map((question) => [question.name, submitted(question, answerTo(question, draft))]),
  );
}
