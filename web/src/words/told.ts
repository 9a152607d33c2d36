/** Sentences that the server made: said in the person's language where the page knows them, else as they came. */

import { msg, t } from "./words";

/** As the server writes them; `{{name}}` stands for what differs. */
const KNOWN: readonly string[] = [
  msg("the model is {{share}} sure of {{question}}"),
  msg("score at or above the certified threshold {{threshold}}"),
  msg("score below the certified threshold {{threshold}}"),
  msg("drawn at random for calibration"),
  msg("a person decides on every item"),
  msg("the model gave no valid label"),
  msg("nothing could be certified"),
  msg("the project names no model"),
  msg("came after the pool was frozen, or people had it in an earlier round"),
  msg("undone by the annotator"),
  msg("the model's label, unchecked"),
  msg("certified acceptance"),
  msg("majority"),
  msg("single vote"),
  msg("a manager's decision"),
  msg("accepted in bulk"),
  msg("people alone would label everything for {{cost}}: {{share}} right, for less"),
  msg("{{sum}} of the budget is better kept: nothing it buys makes a label more right"),
  msg("several people per item might still help: try --most-votes 3"),
  msg("the pool is small: its accuracy will not be known to ± 2.5 points"),
  msg(
    "reviewing everything would LOWER accuracy: {{all}} right for {{cost}} against {{best}} right for {{sum}}; stop where the model is right with chance {{chance}}, as people are",
  ),
  msg(
    "reviewing everything would LOWER accuracy: {{all}} right for {{cost}} against {{best}} right for {{sum}}; stop where the model is right with chance {{chance}}: beyond, people change more right labels than wrong",
  ),
  msg("what people earn is not known; write costs: {wage_per_hour: 18} in project.yaml, say"),
  msg(
    "At {{level}} confidence over random samples, at most {{share}} is wrong of the labels accepted unseen.",
  ),
  msg("This is about {{n}} labels ({{share}} of the items outside the sample)."),
  msg(
    "What is certified is agreement with the people who labelled the sample; how often they err themselves is not known.",
  ),
  msg(
    "What is certified is agreement with the people who labelled the sample; how often they err themselves is not known: no unit has two votes.",
  ),
];

const PATTERNS = KNOWN.map((sentence) => ({ sentence, pattern: patternOf(sentence) }));

/** Say what the server said. Several sentences are looked up one by one. */
export function told(words: string): string {
  const whole = known(words);
  return (
    whole ??
    words
      .split(/(?<=\.) (?=\p{Lu})/u)
      .map((sentence) => known(sentence) ?? sentence)
      .join(" ")
  );
}

function known(words: string): string | null {
  for (const { sentence, pattern } of PATTERNS) {
    const found = pattern.exec(words);
    if (found) {
      return t(sentence, { ...found.groups });
    }
  }
  return null;
}

function patternOf(sentence: string): RegExp {
  const parts = sentence.split(/\{\{(\w+)\}\}/);
  const source = parts.map((part, place) =>
    place % 2 === 1 ? `(?<${part}>.+?)` : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
  );
  return new RegExp(`^${source.join("")}$`, "u");
}
