import type { CockpitQuestion, CockpitRung } from "../../api/types";
import { counted } from "../../domain/cockpit";
import { share } from "../../domain/report";
import { told } from "../../words/told";
import { t } from "../../words/words";
import styles from "./cockpit.module.css";

/** Whether the limit that is looked at is a certificate or a plan, in plain words. */
export function CockpitStanding({ question, rung }: { question: CockpitQuestion; rung: CockpitRung }) {
  const certificate = question.certificate;
  if (certificate === null) {
    return null;
  }
  if (rung.is_frozen) {
    return (
      <p className={styles.standing} role="status" data-certified={rung.is_certified || undefined}>
        <b>{rung.is_certified ? t("Certified.") : t("Nothing is certified.")}</b>{" "}
        <bdi>{told(certificate.statement ?? "")}</bdi>
      </p>
    );
  }
  const found = rung.is_certified
    ? t("had {{target_error}} been frozen before the labels, {{n_accepted}} would have been accepted", {
        target_error: share(rung.target_error),
        n_accepted: counted(rung.n_accepted, "item"),
      })
    : t(
        "at {{target_error}} this sample would have let nothing through; it takes at least {{n_start}} among the surest, nearly all right",
        { target_error: share(rung.target_error), n_start: counted(rung.n_start, "labelled item") },
      );
  return (
    <p className={styles.standing} role="status">
      <b>{t("A planning figure, no certificate:")}</b>{" "}
      {t(
        "{{found}}. Only {{target_error}} was frozen beforehand. Choosing a limit after seeing the labels would void the promise.",
        { found, target_error: share(certificate.target_error) },
      )}
    </p>
  );
}
