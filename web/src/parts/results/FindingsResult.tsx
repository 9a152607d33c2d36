import { type QuestionReport, share } from "../../domain/report";
import type { Finding } from "../../domain/trust";
import { decimal } from "../../words/figures";
import { t } from "../../words/words";
import styles from "./results.module.css";

/** What was counted; of a single confusion, among the items of which the model said so. */
function counts(one: Finding): string {
  const figures = {
    n_wrong: one.n_wrong,
    n: one.n,
    error: share(one.error),
    rest_error: share(one.rest_error),
  };
  return one.is_of_cell
    ? t("{{n_wrong}} of the {{n}} of which the model said so: {{error}}, elsewhere {{rest_error}}", figures)
    : t("{{n_wrong}} wrong of {{n}}: {{error}}, elsewhere {{rest_error}}", figures);
}

/** In which parts of the data the model is wrong more often than elsewhere, and what may be done about it. */
export function FindingsResult({ question }: { question: QuestionReport }) {
  const found = question.slices;
  return (
    <section className={styles.card} aria-label={question.title}>
      <h2 className={styles.name}>{question.title}</h2>
      {found === null ? (
        <p className={styles.plain}>
          {t("Not looked for yet. When blind answers are in, run:")} <code>labelwright slices</code>
        </p>
      ) : found.findings.length === 0 ? (
        <p className={styles.plain}>
          {t(
            "{{n_audited}} blind answers show no part of the data in which the model is clearly worse than elsewhere.",
            { n_audited: found.n_audited },
          )}
        </p>
      ) : (
        <>
          <p className={styles.plain}>
            {t(
              "{{count}} parts of the data with more errors than elsewhere, by {{n_audited}} blind answers. The chance that there is a false alarm among them is about {{q}} at most.",
              {
                count: found.findings.length,
                n_audited: found.n_audited,
                q: share(found.q),
              },
            )}
          </p>
          <ol className={styles.findings}>
            {found.findings.map((one) => (
              <li key={`${one.slice}/${one.cell}`}>
                <h3>
                  {one.slice}
                  {one.cell && <small>{one.cell}</small>}
                </h3>
                <p>
                  {counts(one)}
                  {one.ratio !== null && t(" ({{ratio}} times as many)", { ratio: decimal(one.ratio, 1) })}
                  {". "}
                  {one.confirmed === true && t("Confirmed on fresh answers.")}
                  {one.confirmed === false && t("Not confirmed on fresh answers.")}
                  {one.confirmed === null && t("Not confirmed yet.")}
                </p>
                {one.proposal && <blockquote>{one.proposal}</blockquote>}
                {one.examples.length > 0 && (
                  <p className={styles.aside}>
                    {t("For example {{examples}}", { examples: one.examples.join(", ") })}
                  </p>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}
