import type { CockpitQuestion } from "../../api/types";
import { counted, timeWords, type Weighed } from "../../domain/cockpit";
import { share } from "../../domain/report";
import { money } from "../../plots/Frontier";
import styles from "./cockpit.module.css";

/** Volume, promise, work and money at one limit. */
export function CockpitNumbers({ question, weighed }: { question: CockpitQuestion; weighed: Weighed }) {
  const { rung, labels, seconds, cost, byHand } = weighed;
  const certificate = question.certificate;
  const isCertificate = rung.is_frozen && rung.is_certified;
  return (
    <section className={styles.numbers} aria-label="At this limit">
      <div className={styles.number}>
        <b>{rung.n_accepted.toLocaleString("en")}</b>
        <span>accepted without a person · {share(rung.coverage)} of those outside the blind sample</span>
      </div>
      <div className={styles.number}>
        <b>{rung.is_certified ? `≤ ${share(rung.target_error)}` : "nothing"}</b>
        <span>
          {isCertificate
            ? `of them wrong: certified at ${share(certificate?.confidence_level)} confidence`
            : rung.is_certified
              ? "of them wrong, had it been frozen: planned, not certified"
              : `could be accepted at ${share(rung.target_error)}`}
        </span>
      </div>
      <div className={styles.number}>
        <b>{labels.toLocaleString("en")}</b>
        <span>
          people's labels left, {byHand.labels.toLocaleString("en")} by hand alone
          {rung.n_audit > 0 && ` · ${counted(rung.n_audit, "check")} of the accepted among them`}
        </span>
      </div>
      <div className={styles.number}>
        <b>{cost === null ? timeWords(seconds) : money(cost)}</b>
        <span>
          {cost === null || byHand.cost === null
            ? `to finish, ${timeWords(byHand.seconds)} by hand alone`
            : `to finish, ${money(byHand.cost)} by hand alone · ${timeWords(seconds)} of people's time`}
        </span>
      </div>
    </section>
  );
}
