import { between, type QuestionReport, share } from "../../domain/report";
import type { Card, Interval } from "../../domain/trust";
import { Prevalence } from "../../plots/Prevalence";
import { decimal } from "../../words/figures";
import { t } from "../../words/words";
import { DataTable } from "./DataTable";
import { Fact, Facts } from "./Facts";
import styles from "./results.module.css";

/** How good the data set is as it stands, part by part. */
export function CardResult({ question }: { question: QuestionReport }) {
  const card = question.card;
  return (
    <section className={styles.card} aria-label={question.title}>
      <h2 className={styles.name}>{question.title}</h2>
      {card === null ? (
        <p className={styles.plain}>
          {t("Nothing can be said of the data set yet: a blind random sample must be labelled first.")}
        </p>
      ) : (
        <Known card={card} about={question.title} />
      )}
    </section>
  );
}

function Known({ card, about }: { card: Card; about: string }) {
  const { overall, accepted, by_origin, by_class } = card.accuracy;
  return (
    <>
      <p className={styles.plain}>
        {overall === null
          ? t("How many labels are right is not known yet.")
          : t("About {{value}} of all labels are right: {{overall}}.", {
              value: share(overall.value),
              overall: within(overall),
            })}
      </p>
      <div className={styles.plots}>
        {card.prevalence && <Prevalence about={about} classes={card.prevalence} />}
        <Facts>
          {accepted && (
            <Fact
              name={t("Right among the accepted")}
            >{`${share(accepted.value)}, ${within(accepted)}`}</Fact>
          )}
          {card.errors_left && (
            <Fact name={t("Wrong labels left")}>
              {t("about {{expected}}, at most {{upper}}", {
                expected: Math.round(card.errors_left.expected),
                upper: card.errors_left.upper,
              })}
            </Fact>
          )}
          <Fact name={t("Blind answers it rests on")}>{card.n_human}</Fact>
          {unanswered(card) > 0 && (
            <Fact name={t("Drawn and never answered")}>
              {t("{{number}}, either right or wrong in each interval: {{points}} points wider overall", {
                number: unanswered(card),
                points: decimal(100 * (card.missing?.widens ?? 0), 1),
              })}
            </Fact>
          )}
          {card.effective_sample_size !== null && (
            <Fact name={t("Worth as many answers without a model")}>
              {Math.round(card.effective_sample_size)}
            </Fact>
          )}
          <Fact name={t("How it was measured")}>{card.design}</Fact>
        </Facts>
      </div>
      <div className={styles.plots}>
        <DataTable
          about={about}
          caption={t("Where the labels come from")}
          columns={[t("origin"), t("labels"), t("share"), t("right")]}
          rows={by_origin.map((one) => ({
            key: one.origin,
            cells: [one.origin, one.n, share(one.share), spoken(one.accuracy)],
          }))}
        />
        {by_class && (
          <DataTable
            about={about}
            caption={t("How often each label is right")}
            columns={[t("label"), t("labels"), t("right")]}
            rows={by_class.map((one) => ({
              key: one.label,
              cells: [one.label, one.n, spoken(one.accuracy)],
            }))}
          />
        )}
      </div>
      {card.confusion && (
        <DataTable
          about={about}
          caption={t("Where labels and truth part")}
          columns={[t("labelled"), t("is in truth"), t("of those labelled so"), t("interval")]}
          rows={card.confusion.rows
            .filter((cell) => cell.said !== cell.truth && cell.share > 0)
            .sort((a, b) => b.share - a.share)
            .slice(0, 12)
            .map((cell) => ({
              key: `${cell.said}/${cell.truth}`,
              cells: [cell.said, cell.truth, share(cell.share), between(cell)],
            }))}
        />
      )}
    </>
  );
}

function unanswered(card: Card): number {
  return (card.missing?.n_calibration ?? 0) + (card.missing?.n_audit ?? 0);
}

export function within(interval: Interval): string {
  return t("{{range}} at {{confidence_level}} confidence", {
    range: between(interval),
    confidence_level: share(0.95),
  });
}

function spoken(interval: Interval | null): string {
  return interval === null ? t("not known") : `${share(interval.value)} (${between(interval)})`;
}
