import { type QuestionReport, share } from "../../domain/report";
import styles from "./results.module.css";

/** In which parts of the data the model is wrong more often than elsewhere, and what may be done about it. */
export function FindingsResult({ question }: { question: QuestionReport }) {
  const found = question.slices;
  return (
    <section className={styles.card} aria-label={question.title}>
      <h2 className={styles.name}>{question.title}</h2>
      {found === null ? (
        <p className={styles.plain}>
          Not looked for yet. When blind answers are in, run: <code>labelwright slices</code>
        </p>
      ) : found.findings.length === 0 ? (
        <p className={styles.plain}>
          {`${found.n_audited} blind answers show no part of the data in which the model is clearly worse than elsewhere.`}
        </p>
      ) : (
        <>
          <p className={styles.plain}>
            {`${found.findings.length} ${found.findings.length === 1 ? "part" : "parts"} of the data with more errors than elsewhere, by ${found.n_audited} blind answers. The chance that there is a false alarm among them is about ${share(found.q)} at most.`}
          </p>
          <ol className={styles.findings}>
            {found.findings.map((one) => (
              <li key={`${one.slice}/${one.cell}`}>
                <h3>
                  {one.slice}
                  {one.cell && <small>{one.cell}</small>}
                </h3>
                <p>
                  {`${one.n_wrong} wrong of ${one.n}: ${share(one.error)}, elsewhere ${share(one.rest_error)} (${one.ratio.toFixed(1)} times as many). `}
                  {one.confirmed === true && "Confirmed on fresh answers."}
                  {one.confirmed === false && "Not confirmed on fresh answers."}
                  {one.confirmed === null && "Not confirmed yet."}
                </p>
                {one.proposal && <blockquote>{one.proposal}</blockquote>}
                {one.examples.length > 0 && (
                  <p className={styles.aside}>{`For example ${one.examples.join(", ")}`}</p>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}
