import { t } from "../words/words";
import styles from "./widgets.module.css";

interface Props {
  /** Announced, and not shown. */
  said: string;
  suggested: string | null;
  hint: string;
}

/** What stands below a drawing or a film: what was suggested for it, and how it is done. */
export function Told({ said, suggested, hint }: Props) {
  return (
    <>
      <p className="for-ears" role="status">
        {said}
      </p>
      {suggested !== null && (
        <p className={styles.hint}>{t("Suggested: {{value}}.", { value: suggested })}</p>
      )}
      <details className={styles.hint}>
        <summary>{t("How it is done")}</summary>
        {hint}
      </details>
    </>
  );
}
