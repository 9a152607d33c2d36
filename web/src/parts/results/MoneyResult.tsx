import { type Report, share } from "../../domain/report";
import { Frontier, money } from "../../plots/Frontier";
import { t } from "../../words/words";
import { Fact, Facts } from "./Facts";
import styles from "./results.module.css";

/** What each sum of money would buy, by the plan that was made last. */
export function MoneyResult({ report }: { report: Report }) {
  const points = report.plan?.frontier ?? [];
  const chosen = points.find((point) => point.chosen);
  return (
    <section className={styles.card} aria-label={t("The plan")}>
      <h2 className={styles.name}>{t("The plan")}</h2>
      {points.length === 0 ? (
        <p className={styles.plain}>
          {t("No plan yet. To see what a budget buys, run:")} <code>labelwright plan</code>
        </p>
      ) : (
        <div className={`${styles.plots} ${styles.below}`}>
          <Frontier points={points} />
          {chosen && (
            <Facts>
              <Fact name={t("It costs")}>{money(chosen.cost)}</Fact>
              <Fact name={t("Right labels expected")}>
                {t("{{accuracy}} ({{low}} to {{high}})", {
                  accuracy: share(chosen.accuracy),
                  low: share(chosen.low),
                  high: share(chosen.high),
                })}
              </Fact>
              <Fact name={t("Labelled blind, to certify")}>{chosen.gold}</Fact>
              <Fact name={t("Audited")}>{chosen.audit}</Fact>
              <Fact name={t("Reviewed with the suggestion")}>{chosen.reviewed}</Fact>
              <Fact name={t("Labelled afresh")}>{chosen.fresh}</Fact>
            </Facts>
          )}
        </div>
      )}
    </section>
  );
}
