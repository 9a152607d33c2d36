import type { CockpitQuestion } from "../../api/types";
import { counted, timeWords, type Weighed } from "../../domain/cockpit";
import { share } from "../../domain/report";
import { money } from "../../plots/Frontier";
import { spoken, t } from "../../words/words";
import styles from "./cockpit.module.css";

/** Volume, promise, work and money at one limit. */
export function CockpitNumbers({ question, weighed }: { question: CockpitQuestion; weighed: Weighed }) {
  const { rung, labels, seconds, cost, byHand } = weighed;
  const certificate = question.certificate;
  const isCertificate = rung.is_frozen && rung.is_certified;
  return (
    <section className={styles.numbers} aria-label={t("At this limit")}>
      <div className={styles.number}>
        <b>{rung.n_accepted.toLocaleString(spoken())}</b>
        <span>
          {t("accepted without a person · {{coverage}} of those outside the blind sample", {
            coverage: share(rung.coverage),
          })}
        </span>
      </div>
      <div className={styles.number}>
        <b>{rung.is_certified ? `≤ ${share(rung.target_error)}` : t("nothing")}</b>
        <span>
          {rung.is_certified && !question.is_plain
            ? t("is the limit; what that promises stands below")
            : isCertificate
              ? t("of them wrong: certified at {{confidence_level}} confidence", {
                  confidence_level: share(certificate?.confidence_level),
                })
              : rung.is_certified
                ? t("of them wrong, had it been frozen: planned, not certified")
                : t("could be accepted at {{target_error}}", { target_error: share(rung.target_error) })}
        </span>
      </div>
      <div className={styles.number}>
        <b>{labels.toLocaleString(spoken())}</b>
        <span>
          {t("people's labels left, {{labels}} by hand alone", {
            labels: byHand.labels.toLocaleString(spoken()),
          })}
          {rung.n_audit > 0 &&
            t(" · {{n_audit}} of the accepted among them", { n_audit: counted(rung.n_audit, "check") })}
        </span>
      </div>
      <div className={styles.number}>
        <b>{cost === null ? timeWords(seconds) : money(cost)}</b>
        <span>
          {cost === null || byHand.cost === null
            ? t("to finish, {{seconds}} by hand alone", { seconds: timeWords(byHand.seconds) })
            : t("to finish, {{cost}} by hand alone · {{seconds}} of people's time", {
                cost: money(byHand.cost),
                seconds: timeWords(seconds),
              })}
        </span>
      </div>
    </section>
  );
}
