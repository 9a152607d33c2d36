import { accuracyInWords, inPlainWords, number, type QuestionReport, share } from "../../domain/report";
import { Reliability } from "../../plots/Reliability";
import { RiskCoverage } from "../../plots/RiskCoverage";
import { Fact, Facts } from "./Facts";
import styles from "./results.module.css";

/** One question: the sentence, the curves, the other targets, the checks. */
export function QuestionResult({ question }: { question: QuestionReport }) {
  const { calibration, certificate, audit } = question;
  const accuracy = accuracyInWords(question.estimate);
  return (
    <section className={styles.card} aria-label={question.title}>
      <h2 className={styles.name}>{question.title}</h2>
      <p className={styles.plain}>{inPlainWords(question)}</p>
      {accuracy && <p className={styles.plain}>{accuracy}</p>}
      <div className={styles.plots}>
        <RiskCoverage question={question} />
        <Reliability question={question} />
      </div>
      <div className={styles.plots}>
        <Ladder question={question} />
        <Facts>
          {certificate && <Fact name="Score">{certificate.score.replaceAll("_", " ")}</Fact>}
          {calibration && (
            <>
              <Fact name="Model right in the blind sample">{share(calibration.accuracy)}</Fact>
              <Fact name="Score ranks right above wrong (AUROC; .5 is chance)">
                {number(calibration.auroc)}
              </Fact>
              <Fact name="Calibration error: as stated, as shown to people">
                {number(calibration.ece_raw, 3)}, {number(calibration.ece_shown, 3)}
              </Fact>
            </>
          )}
          {audit && (
            <Fact name="Random audit of the accepted">
              {audit.n_checked === 0
                ? `${audit.n_drawn} drawn, none checked yet`
                : `${audit.n_wrong} wrong of ${audit.n_checked}, interval ${share(audit.low)} to ${share(audit.high)}`}
              {audit.breaks_target && " ⚠ above the limit"}
            </Fact>
          )}
          <Fact name="Resolved">{counts(question.resolved)}</Fact>
          <Fact name="Sent to">{counts(question.routes)}</Fact>
        </Facts>
      </div>
    </section>
  );
}

function Ladder({ question }: { question: QuestionReport }) {
  if (question.ladder.length === 0) {
    return null;
  }
  return (
    <div>
      <h3 className={styles.caption}>What other limits would give</h3>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">wrong at most</th>
            <th scope="col">accepted unseen</th>
            <th scope="col">items</th>
            <th scope="col">score at least</th>
          </tr>
        </thead>
        <tbody>
          {question.ladder.map((rung) => (
            <tr key={rung.target_error} data-frozen={rung.is_frozen || undefined}>
              <th scope="row">
                {share(rung.target_error)}
                {rung.is_frozen && " ◂ your limit"}
              </th>
              <td>{rung.is_certified ? share(rung.coverage) : "nothing"}</td>
              <td>{rung.n_accepted}</td>
              <td>{rung.threshold?.toFixed(3) ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.aside}>Only your own limit was fixed beforehand; the other rows help to plan.</p>
    </div>
  );
}

function counts(by: Record<string, number>): string {
  const said = Object.entries(by).map(([name, n]) => `${name.replaceAll("_", " ")} ${n}`);
  return said.length === 0 ? "nothing yet" : said.join(" · ");
}
