import { count } from "../../domain/jobs";
import { type Report, share } from "../../domain/report";
import type { MoneyPlan, Sensitivity } from "../../domain/trust";
import { Frontier, money } from "../../plots/Frontier";
import { decimal } from "../../words/figures";
import { told } from "../../words/told";
import { localeOfDates, msg, t } from "../../words/words";
import { Fact, Facts } from "./Facts";
import styles from "./results.module.css";

const FIGURES: Readonly<Record<string, string>> = {
  model_accuracy: msg("how often the model is right"),
  auroc: msg("how well its confidence ranks its errors"),
  human_accuracy: msg("how often a person is right"),
  adopt: msg("how often a wrong suggestion is taken over"),
  overcorrect: msg("how often a right suggestion is changed"),
  model_price: msg("the model's price per item"),
  human_price: msg("the price of an answer"),
  review_price: msg("the price of a review"),
  gold_price: msg("the price of a blind answer"),
  gold: msg("how many are labelled blind"),
};
const PRICES: readonly string[] = ["model_price", "human_price", "review_price", "gold_price"];

/** The plan that was made last: what it buys, what other sums would buy, and what that depends on. */
export function MoneyResult({ report }: { report: Report }) {
  const plan = report.plan;
  return (
    <section className={styles.card} aria-label={t("The plan")}>
      <h2 className={styles.name}>{t("The plan")}</h2>
      {plan === null || plan.frontier.length === 0 ? (
        <p className={styles.plain}>
          {t("No plan yet. To see what a budget buys, run:")} <code>labelwright plan</code>
        </p>
      ) : (
        <>
          <p className={styles.plain}>
            {plan.at !== null &&
              t("Made on {{day}}. ", {
                day: new Date(plan.at).toLocaleDateString(localeOfDates(), { dateStyle: "medium" }),
              })}
            {t("Sums come on top of what is paid already. To plan again:")} <code>labelwright plan</code>
          </p>
          <div className={styles.plots}>
            <Frontier points={plan.frontier} />
            <Bought plan={plan} />
          </div>
          {plan.warnings.length > 0 && (
            <>
              <h3 className={styles.caption}>{t("What to beware of")}</h3>
              <ul className={styles.plain}>
                {plan.warnings.map((words) => (
                  <li key={words}>{told(words)}</li>
                ))}
              </ul>
            </>
          )}
          {plan.sensitivities.length > 0 && <Depends plan={plan} />}
        </>
      )}
    </section>
  );
}

function Bought({ plan }: { plan: MoneyPlan }) {
  const { chosen, certified } = plan;
  if (chosen === null) {
    return null;
  }
  return (
    <Facts>
      <Fact name={t("It costs")}>{money(chosen.cost)}</Fact>
      <Fact name={t("Right labels expected")}>
        {t("{{accuracy}} ({{low}} to {{high}})", {
          accuracy: share(chosen.accuracy),
          low: share(chosen.low),
          high: share(chosen.high),
        })}
      </Fact>
      {plan.next_100 !== null && (
        <Fact name={t("$100 more would buy")}>
          {plan.next_100.correct < 0.05
            ? t("nothing")
            : t("{{n}} more right labels", { n: count(Math.round(plan.next_100.correct * 10) / 10) })}
        </Fact>
      )}
      <Fact name={t("Labelled blind, to certify")}>{paid(chosen.gold, chosen.gold_there)}</Fact>
      {certified?.share != null && (
        <Fact name={t("Certified by that, expected")}>
          {t("{{share}} at {{error}} wrong at most", {
            share: share(certified.share),
            error: share(certified.target_error),
          })}
        </Fact>
      )}
      <Fact name={t("Audited")}>{paid(chosen.audit, chosen.audit_there)}</Fact>
      <Fact name={t("Reviewed by people, the least sure first")}>{count(chosen.reviewed)}</Fact>
      <Fact name={t("Labelled afresh")}>{count(chosen.fresh)}</Fact>
      {(chosen.seen_there ?? 0) > 0 && (
        <Fact name={t("Labelled by people before")}>{count(chosen.seen_there ?? 0)}</Fact>
      )}
      {chosen.unseen !== undefined && (
        <Fact name={t("Keep the model's label unseen")}>{count(chosen.unseen)}</Fact>
      )}
    </Facts>
  );
}

function paid(n: number, there: number | undefined): string {
  return there ? t("{{n}}, {{there}} of them paid already", { n: count(n), there: count(there) }) : count(n);
}

/** What the answer would be with one figure at either end of what is known of it. */
function Depends({ plan }: { plan: MoneyPlan }) {
  const rows = plan.sensitivities;
  // How many are labelled blind is a choice, and no guess.
  const isGuess = ({ name, is_assumed }: Sensitivity) =>
    name !== "gold" && (is_assumed || plan.inputs[name]?.source.startsWith("assumed") === true);
  return (
    <>
      <h3 className={styles.caption}>{t("What this depends on, most first")}</h3>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t("if it were")}</th>
            <th scope="col">{t("from, to")}</th>
            <th scope="col">{rows[0]?.outcome === "cost" ? t("it costs") : t("right labels")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">
                {t(FIGURES[row.name] ?? row.name)}
                {isGuess(row) && t(" (a guess)")}
              </th>
              <td>
                {t("{{low}} to {{high}}", {
                  low: figure(row.name, row.low),
                  high: figure(row.name, row.high),
                })}
              </td>
              <td>
                {t("{{low}} to {{high}}", {
                  low: outcome(row, row.at_low),
                  high: outcome(row, row.at_high),
                })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function figure(name: string, value: number): string {
  if (name === "gold") {
    return count(Math.round(value));
  }
  if (name === "auroc") {
    return decimal(value, 2);
  }
  return PRICES.includes(name) ? finely(value) : share(value);
}

/** Prices per item are often parts of a cent. */
function finely(usd: number): string {
  return usd >= 1 || usd <= 0 ? money(usd) : `$${decimal(usd, 2 - Math.floor(Math.log10(usd)))}`;
}

function outcome(row: Sensitivity, value: number | null): string {
  if (value === null) {
    return t("no plan");
  }
  return row.outcome === "cost" ? money(value) : share(value);
}
