import type { ReactNode } from "react";
import { Cap } from "../../parts/Cap";
import { t } from "../../words/words";
import type { Label } from "../widget";
import styles from "./AskCard.module.css";

interface Props {
  /** What is asked, before the label: "Is it". */
  question: string;
  label: Label;
  /** What the model says of it. */
  hint: string | null;
  /** null: not decided yet. */
  isYes: boolean | null;
  acceptCap: string;
  rejectCap: string | null;
  describedBy: string | undefined;
  onAccept: () => void;
  onReject: () => void;
  children?: ReactNode;
}

/** One label, with two large buttons: yes or no. */
export function AskCard(props: Props) {
  const { question, label, hint, isYes, acceptCap, rejectCap, describedBy, onAccept, onReject } = props;
  return (
    <div className={styles.card}>
      <p className={styles.asked} aria-live="polite">
        <small>{question}</small>
        <strong dir="auto">{label.title}</strong>
        {label.description && <span dir="auto">{label.description}</span>}
        {hint && <em>{hint}</em>}
      </p>
      <div className={styles.buttons}>
        <button
          type="button"
          data-kind="accept"
          aria-pressed={isYes === true}
          aria-describedby={describedBy}
          onClick={onAccept}
        >
          <span aria-hidden="true">✓</span> {t("yes")} {acceptCap && <Cap>{acceptCap}</Cap>}
        </button>
        <button
          type="button"
          data-kind="reject"
          aria-pressed={isYes === false}
          aria-describedby={describedBy}
          onClick={onReject}
        >
          <span aria-hidden="true">✗</span> {t("no")} {rejectCap && <Cap>{rejectCap}</Cap>}
        </button>
      </div>
      {props.children}
    </div>
  );
}
