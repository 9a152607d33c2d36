import { answeredAlready } from "../../domain/cockpit";
import { accuracyInWords, inPlainWords, number, type QuestionReport, share } from "../../domain/report";
import { Reliability } from "../../plots/Reliability";
import { RiskCoverage } from "../../plots/RiskCoverage";
import { t } from "../../words/words";
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
          {certificate && <Fact name={t("Score")}>{certificate.score.replaceAll("_", " ")}</Fact>}
          {calibration && (
            <>
              <Fact name={t("Model right in the blind sample")}>{share(calibration.accuracy)}</Fact>
              <Fact name={t("Score ranks right above wrong (AUROC; .5 is chance)")}>
                {number(calibration.auroc)}
              </Fact>
              <Fact name={t("Calibration error: as stated, as shown to people")}>
                {number(calibration.ece_raw, 3)}, {number(calibration.ece_shown, 3)}
              </Fact>
              <Fact name={t("What chance alone shows of it: in 95% of samples up to")}>
                {number(calibration.raw?.ece_mass?.null_upper, 3)}
              </Fact>
            </>
          )}
          {audit && (
            <Fact name={t("Random audit of the accepted")}>
              {audit.n_checked === 0
                ? t("{{n_drawn}} drawn, none checked yet", { n_drawn: audit.n_drawn })
                : t("{{n_wrong}} wrong of {{n_checked}}, interval {{low}} to {{high}}", {
                    n_wrong: audit.n_wrong,
                    n_checked: audit.n_checked,
                    low: share(audit.low),
                    high: share(audit.high),
                  })}
              {audit.breaks_target && t(" ⚠ above the limit")}
            </Fact>
          )}
          <Fact name={t("Resolved")}>{counts(question.resolved)}</Fact>
          <Fact name={t("Sent to")}>
            {counts(question.routes, { review: answeredAlready(question.n_answered) })}
          </Fact>
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
      <h3 className={styles.caption}>{t("What other limits would give")}</h3>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t("wrong at most")}</th>
            <th scope="col">{t("accepted unseen")}</th>
            <th scope="col">{t("items")}</th>
            <th scope="col">{t("score at least")}</th>
          </tr>
        </thead>
        <tbody>
          {question.ladder.map((rung) => (
            <tr key={rung.target_error} data-frozen={rung.is_frozen || undefined}>
              <th scope="row">
                {share(rung.target_error)}
                {rung.is_frozen && t(" ◂ your limit")}
              </th>
              <td>{rung.is_certified ? share(rung.coverage) : t("nothing")}</td>
              <td>{rung.n_accepted}</td>
              <td>{number(rung.threshold, 3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.aside}>
        {t("Only your own limit was fixed beforehand; the other rows help to plan.")}
      </p>
    </div>
  );
}

function counts(by: Record<string, number>, more: Record<string, string> = {}): string {
  const said = Object.entries(by).map(([name, n]) => `${name.replaceAll("_", " ")} ${n}${more[name] ?? ""}`);
  return said.length === 0 ? t("nothing yet") : said.join(" · ");
}
