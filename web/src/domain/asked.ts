/** Which questions of an entry are to be answered, by what is answered so far. */

import type { Answers, Entry, Project, Question } from "../api/types";

/** The questions that this entry asks, in the project's order; some wait for another's answer. */
export function questionsOf(project: Project, entry: Entry): Question[] {
  return project.questions.filter((question) => entry.questions.includes(question.name));
}

/** Those of them that are shown now. A condition on a question that is not asked here is met: the server looked. */
export function shownQuestions(project: Project, entry: Entry, answers: Answers): Question[] {
  const shown = new Set<string>();
  return questionsOf(project, entry).filter((question) => {
    const when = question.show_when;
    const isShown =
      !when ||
      !entry.questions.includes(when.question) ||
      (shown.has(when.question) && isMet(when.is, answers[when.question]));
    if (isShown) {
      shown.add(question.name);
    }
    return isShown;
  });
}

/** An answer that is a list (several labels, a path) meets a condition by holding one of its values. */
function isMet(wanted: readonly unknown[], answer: unknown): boolean {
  const held = Array.isArray(answer) ? answer : [answer];
  return wanted.some((one) => held.includes(one));
}

/** Say whether nothing was done about a question yet: what lies there is how its widget begins. */
export function isUntouched(value: unknown, initial: unknown): boolean {
  // Answers may be long, and most begin as nothing: those need not be written out to be compared.
  return (initial ?? null) === null
    ? (value ?? null) === null
    : JSON.stringify(value ?? null) === JSON.stringify(initial);
}
