import { between, number, type QuestionReport, share } from "../../domain/report";
import type { Effect } from "../../domain/trust";
import { decimal } from "../../words/figures";
import { t } from "../../words/words";
import { DataTable } from "./DataTable";
import styles from "./results.module.css";

/** How people agree, what suggestions do to them, and whether the model may take their place. */
export function PeopleResult({ question }: { question: QuestionReport }) {
  const { agreement, assist, alt_test } = question;
  return (
    <section className={styles.card} aria-label={question.title}>
      <h2 className={styles.name}>{question.title}</h2>
      <div className={styles.plots}>
        <div>
          <h3 className={styles.caption}>{t("What suggestions do")}</h3>
          <p className={assist?.harmful ? styles.alarm : styles.said}>
            {assist ? sentence(assist.verdict) : t("Not measured yet. Run: labelwright assist")}
          </p>
          {assist && (
            <DataTable
              about={question.title}
              caption={t("With suggestions, against hidden ones")}
              columns={[t("effect"), t("estimate"), t("interval"), t("answers")]}
              rows={effects(assist)}
            />
          )}
        </div>
        <div>
          <h3 className={styles.caption}>{t("May the model take the annotators' place?")}</h3>
          <p className={styles.said}>
            {alt_test ? sentence(alt_test.sentence) : t("Not tested yet. Run: labelwright alt-test")}
          </p>
          {alt_test && (
            <DataTable
              about={question.title}
              caption={t("The model against each person")}
              columns={[t("person"), t("items"), t("model as good"), t("p, adjusted"), t("verdict")]}
              rows={alt_test.people.map((one) => ({
                key: one.person,
                cells: [
                  one.person,
                  one.n,
                  share(one.advantage),
                  number(one.adjusted, 3),
                  one.wins ? t("model wins") : t("not shown"),
                ],
              }))}
            />
          )}
        </div>
      </div>
      <DataTable
        about={question.title}
        caption={t("How far people agree")}
        columns={[t("measure"), t("value"), t("interval"), t("items")]}
        rows={agreement.map((one) => ({
          key: one.name,
          cells: [one.name, number(one.coefficient), one.reason ?? between(one, number), one.n_units],
        }))}
      />
    </section>
  );
}

function effects(assist: NonNullable<QuestionReport["assist"]>) {
  const rows: [string, Effect | null, (value: number) => string][] = [
    [t("times as fast"), assist.speed_up, (value) => decimal(value, 2)],
    [t("corrections missed"), assist.missed_corrections, share],
    [t("wrong suggestions taken over"), assist.anchoring, share],
    [t("right suggestions left"), assist.over_correction, share],
    [t("change of right answers"), assist.accuracy_change, share],
  ];
  return rows.flatMap(([name, effect, written]) =>
    effect === null
      ? []
      : [
          {
            key: name,
            cells: [
              name,
              written(effect.value),
              t("{{low}} to {{high}}", { low: written(effect.low), high: written(effect.high) }),
              `${effect.n_shown} + ${effect.n_blind}`,
            ],
          },
        ],
  );
}

function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
