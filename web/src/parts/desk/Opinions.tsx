/** What each of several models says, side by side: whether they agree at a glance, and each one's answer to take over. */

import type { Entry, Opinion, Question } from "../../api/types";
import { widgetFor } from "../../widgets/registry";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import styles from "./Opinions.module.css";
import { percent } from "./suggestedWords";

interface Props {
  entry: Entry;
  questions: readonly Question[];
  cap: string;
  onAdopt: (question: string, value: unknown) => void;
}

export function Opinions({ entry, questions, cap, onAdopt }: Props) {
  const several = questions.flatMap((question) => {
    const opinions = entry.suggestions?.[question.name]?.opinions ?? [];
    return opinions.length > 1 ? [{ question, opinions }] : [];
  });
  if (several.length === 0) {
    return null;
  }
  return (
    <section className={styles.opinions} aria-label={t("What the models say")}>
      <h3>
        {t("What the models say")} <Cap>{cap}</Cap>
      </h3>
      {several.map(({ question, opinions }) => (
        <div key={question.name} className={styles.question}>
          <p dir="auto">
            {questions.length > 1 && <b>{question.title || question.name}: </b>}
            {agreement(question, opinions)}
          </p>
          <ul>
            {opinions.map((one) => (
              <li key={one.model}>
                <button type="button" onClick={() => onAdopt(question.name, one.value)}>
                  <span dir="auto">{saidBy(question, one)}</span>
                  <small>
                    {one.model} ·{" "}
                    {one.probability === null
                      ? t("how sure is not known")
                      : t("right with {{chance}}", { chance: percent(one.probability) })}
                  </small>
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function saidBy(question: Question, { value }: Opinion): string {
  const widget = widgetFor(question.type);
  return widget?.describe(widget.initial(question.settings, value), question.settings) || t("none");
}

/** How many say the same as most. */
export function agreement(question: Question, opinions: readonly Opinion[]): string {
  const counts = new Map<string, number>();
  for (const one of opinions) {
    const said = saidBy(question, one);
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const [said] = [...counts].find(([, count]) => count === most) ?? [""];
  const all = opinions.length;
  if (most === all) {
    return t("All {{all}} models agree", { all });
  }
  return most === 1
    ? t("All {{all}} models say something else", { all })
    : t("{{most}} of {{all}} models say {{said}}", { most, all, said });
}
