/** Which questions of an entry are to be answered, by what is answered so far. */

import type { Answers, Entry, Project, Question } from "../api/types";
import { widgetFor } from "../widgets/registry";

/** Joins the names of a path where it is written as one text. */
const PATH_SEPARATOR = " > ";

/** The questions that this entry asks, in the project's order; some wait for another's answer. */
export function questionsOf(project: Project, entry: Entry): Question[] {
  return project.questions.filter((question) => entry.questions.includes(question.name));
}

/** Those of them that are shown now. A condition on a question that is not asked here is met: the server looked. */
export function shownQuestions(project: Project, entry: Entry, answers: Answers): Question[] {
  const shown = new Map<string, Question>();
  return questionsOf(project, entry).filter((question) => {
    const when = question.show_when;
    const isShown =
      !when ||
      !entry.questions.includes(when.question) ||
      isMet(when.is, submitted(shown.get(when.question), answers[when.question]));
    if (isShown) {
      shown.set(question.name, question);
    }
    return isShown;
  });
}

/** What the server would be sent; nothing of a question that is not shown or not answered. */
function submitted(question: Question | undefined, value: unknown): unknown {
  if (!question || (value ?? null) === null) {
    return null;
  }
  const widget = widgetFor(question.type);
  return widget?.submitted ? widget.submitted(value, question.settings) : value;
}

/**
 * An answer that is a list (several labels, a path) meets a condition by holding one of its values, or by beginning
 * with the names that one of them joins. The server has the same rule (`ShowWhen.is_met_by`).
 */
export function isMet(wanted: readonly unknown[], answer: unknown): boolean {
  return Array.isArray(answer)
    ? wanted.some((one) => answer.includes(one) || beginsWith(answer, one))
    : wanted.includes(answer);
}

function beginsWith(path: readonly unknown[], value: unknown): boolean {
  const names = typeof value === "string" ? value.split(PATH_SEPARATOR) : [];
  return names.length > 1 && names.every((name, place) => path[place] === name);
}

/** Say whether nothing was done about a question yet: what lies there is how its widget begins. */
export function isUntouched(value: unknown, initial: unknown): boolean {
  // Answers may be long, and most begin as nothing: those need not be written out to be compared.
  return (initial ?? null) === null
    ? (value ?? null) === null
    : JSON.stringify(value ?? null) === JSON.stringify(initial);
}
