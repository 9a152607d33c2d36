import { Cap } from "../../parts/Cap";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import { t } from "../../words/words";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "./Card.module.css";
import { askedOf, isRejected } from "./cards";
import type { Action, Settings, Value } from "./logic";

interface Props extends RenderProps<Settings, Value, Action> {
  rejectCap: string | null;
}

/** "Is it this?", with two large buttons. */
export function Card({ settings, value, suggestion, acceptCap, rejectCap, describedBy, dispatch }: Props) {
  const asked = askedOf(settings, suggestion?.value);
  const label = labelsOf(settings).find((one) => one.value === asked);
  if (!label) {
    return null;
  }
  const isNo = value !== null && value !== label.value;
  return (
    <div className={styles.card}>
      <p className={styles.asked}>
        <small>{t("Is it")}</small>
        <strong dir="auto">{label.title}</strong>
        {label.description && <span dir="auto">{label.description}</span>}
        {suggestion && <em>{suggestedWords(suggestion.probability)}</em>}
      </p>
      <div className={styles.buttons}>
        <button
          type="button"
          data-kind="accept"
          aria-pressed={value === label.value}
          aria-describedby={describedBy}
          onClick={() => dispatch({ accept: true })}
        >
          <span aria-hidden="true">✓</span> {t("yes")} {acceptCap && <Cap>{acceptCap}</Cap>}
        </button>
        <button
          type="button"
          data-kind="reject"
          aria-pressed={isNo}
          aria-describedby={describedBy}
          onClick={() => dispatch({ reject: true })}
        >
          <span aria-hidden="true">✗</span> {t("no")} {rejectCap && <Cap>{rejectCap}</Cap>}
        </button>
      </div>
      {isRejected(value) && (
        <p className={styles.then} role="status">
          {t("Not {{label}}: what is it then?", { label: label.title })}
        </p>
      )}
    </div>
  );
}
