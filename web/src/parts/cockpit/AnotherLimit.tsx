import type { Cockpit, CockpitRung } from "../../api/types";
import { yamlOf } from "../../domain/cockpit";
import { share } from "../../domain/report";
import { t } from "../../words/words";
import styles from "./cockpit.module.css";

interface Props {
  cockpit: Cockpit;
  rung: CockpitRung;
  /** How many items the present certificate was made from. */
  nCalibration: number;
}

/** What to write and to run for another limit: looking again at the same labels is not free. */
export function AnotherLimit({ cockpit, rung, nCalibration }: Props) {
  const wanted = rung.is_frozen ? null : rung.target_error;
  const size = cockpit.calibration_size ?? nCalibration;
  return (
    <section className={styles.card} aria-label={t("Another limit")}>
      <h2>
        {wanted === null ? t("Another limit") : t("To have {{wanted}} certified", { wanted: share(wanted) })}
      </h2>
      <p className={styles.say}>
        {t(
          "A limit is certified by labels that nobody had looked at when it was chosen. Testing another one on the same labels would spend the confidence (δ) a second time, so it takes a new blind sample, of about {{size}} items that nobody has labelled yet. In project.yaml:",
          { size },
        )}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={styles.code} tabIndex={0} aria-label={t("Lines of project.yaml")}>
        <pre>{`policy:\n  target_error: ${wanted === null ? "…" : yamlOf(wanted)}`}</pre>
      </section>
      <p className={styles.say}>
        {t(
          "Then run these. From the first on the present certificate is void; the second draws the sample, and when people have labelled it, the same command again certifies:",
        )}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={styles.code} tabIndex={0} aria-label={t("Commands to run")}>
        <pre>{"labelwright apply\nlabelwright calibrate"}</pre>
      </section>
    </section>
  );
}
