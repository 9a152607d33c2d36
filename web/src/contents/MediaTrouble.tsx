import { t } from "../words/words";
import styles from "./contents.module.css";

/** Why a picture, a sound, a film or a page is not there, with what the field holds. */
export function MediaTrouble({ value, isMissing = false }: { value: unknown; isMissing?: boolean }) {
  const stated = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <p className={styles.trouble} role="status">
      {isMissing
        ? t("The file cannot be shown: it is not in the workspace, or of a kind that browsers do not know.")
        : t("Not fetched: only data URLs and files of the workspace's media folder are shown.")}{" "}
      <span className={styles.scalar} dir="auto">
        {stated.slice(0, 300)}
      </span>
    </p>
  );
}
