import type { Entry, Question, Suggestion } from "../../api/types";
import { widgetFor } from "../../widgets/registry";
import { msg, t } from "../../words/words";
import { Cap } from "../Cap";
import styles from "./Reasoning.module.css";
import { percent } from "./suggestedWords";

interface Props {
  entry: Entry;
  /** Those with a suggestion to be shown. */
  questions: readonly Question[];
  isRecorded: boolean;
  isOpen: boolean;
  cap: string;
  onToggle: () => void;
}

const SOURCES = {
  model: msg("one model"),
  jury: msg("several models, weighed by people's labels"),
  cascade: msg("the first sure one of several models"),
  combined: msg("one model, its signals weighed by people's labels"),
} as const;

/** Where a suggestion comes from, and under which words. */
function sourceWords({ source, prompt, guideline_version }: Suggestion): string {
  const version = t("prompt {{prompt}}, guideline v{{version}}", { prompt, version: guideline_version });
  return `${t(SOURCES[source])} · ${version}`;
}

/** What the model gave as its reasons, on demand. */
export function Reasoning({ entry, questions, isRecorded, isOpen, cap, onToggle }: Props) {
  return (
    <div className={styles.panel}>
      <button type="button" aria-expanded={isOpen} onClick={onToggle}>
        {t("Why the model says so")} <Cap>{cap}</Cap>
      </button>
      {isOpen && (
        <dl>
          {questions.map((question) => {
            const suggestion = entry.suggestions?.[question.name];
            if (!suggestion) {
              return null;
            }
            const says = widgetFor(question.type)?.describe(suggestion.value, question.settings) ?? "";
            const chance =
              suggestion.probability === null || suggestion.confidence_note
                ? ""
                : t(", right with {{probability}}", { probability: percent(suggestion.probability) });
            return (
              <div key={question.name}>
                <dt>
                  {question.title || question.name}: {says}
                </dt>
                <dd dir="auto">{suggestion.reasoning || t("The model gave no reasons.")}</dd>
                <dd className={styles.source}>
                  {suggestion.model}
                  {isRecorded && t(" (a recorded answer)")}
                  {chance}
                  {` · ${sourceWords(suggestion)}`}
                  {suggestion.confidence_note && ` · ${suggestion.confidence_note}`}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </div>
  );
}
