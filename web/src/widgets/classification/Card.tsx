import { suggestedWords } from "../../parts/desk/suggestedWords";
import { t } from "../../words/words";
import { AskCard } from "../choosing/AskCard";
import styles from "../choosing/AskCard.module.css";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import { askedOf, isRejected } from "./cards";
import type { Action, Settings, Value } from "./logic";

interface Props extends RenderProps<Settings, Value, Action> {
  rejectCap: string | null;
}

/** "Is it this?" */
export function Card({ settings, value, suggestion, acceptCap, rejectCap, describedBy, dispatch }: Props) {
  const asked = askedOf(settings, suggestion?.value);
  const label = labelsOf(settings).find((one) => one.value === asked);
  if (!label) {
    return null;
  }
  return (
    <AskCard
      question={t("Is it")}
      label={label}
      hint={suggestion && suggestedWords(suggestion.probability)}
      isYes={value === null ? null : value === label.value}
      acceptCap={acceptCap}
      rejectCap={rejectCap}
      describedBy={describedBy}
      onAccept={() => dispatch({ accept: true })}
      onReject={() => dispatch({ reject: true })}
    >
      {isRejected(value) && (
        <p className={styles.then} role="status">
          {t("Not {{label}}: what is it then?", { label: label.title })}
        </p>
      )}
    </AskCard>
  );
}
