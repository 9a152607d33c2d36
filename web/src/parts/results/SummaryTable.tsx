import { certifiedInShort, number, type Report, share } from "../../domain/report";
import { t } from "../../words/words";
import styles from "./results.module.css";

/** One line per question. */
export function SummaryTable({ report }: { report: Report }) {
  const truths = [...new Set(report.questions.flatMap((question) => Object.keys(question.true_errors)))];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={styles.card} aria-label={t("All questions")} tabIndex={0}>
      <table className={`${styles.table} ${styles.wide}`}>
        <thead>
          <tr>
            <th scope="col">{t("Question")}</th>
            <th scope="col">{t("Accepted unseen")}</th>
            <th scope="col">{t("Certified")}</th>
            <th scope="col">{t("Score at least")}</th>
            <th scope="col">{t("Labelled blind")}</th>
            <th scope="col">{t("Answers by people")}</th>
            {truths.map((name) => (
              <th key={name} scope="col">
                {t("True error, {{name}}", { name })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.questions.map((question) => {
            const certificate = question.certificate;
            return (
              <tr key={question.name}>
                <th scope="row">{question.title}</th>
                <td>{accepted(question)}</td>
                <td>{certified(question)}</td>
                <td>{number(certificate?.threshold, 3)}</td>
                <td>{certificate?.n_calibration ?? "–"}</td>
                <td>{question.n_human_labels}</td>
                {truths.map((name) => (
                  <td key={name}>{share(question.true_errors[name])}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function accepted({ certificate }: Report["questions"][number]): string {
  if (!certificate?.is_certified) {
    return t("none");
  }
  const { n_accepted, n_pool, n_calibration, coverage } = certificate;
  return `${t("{{value}} of {{value2}}", { value: n_accepted, value2: n_pool - n_calibration })} · ${share(coverage)}`;
}

function certified({ certificate }: Report["questions"][number]): string {
  if (certificate === null) {
    return t("not calibrated yet");
  }
  return certifiedInShort(certificate);
}
