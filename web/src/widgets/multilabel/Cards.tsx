import { suggestedWords } from "../../parts/desk/suggestedWords";
import { t } from "../../words/words";
import { AskCard } from "../choosing/AskCard";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import { deckOf, openCards } from "./deck";
import type { Action, Settings, Value } from "./logic";

interface Props extends RenderProps<Settings, Value, Action> {
  rejectCap: string | null;
}

/** The card of the first label that is not decided yet, with how many there are. */
export function Cards({ settings, value, suggestion, acceptCap, rejectCap, describedBy, dispatch }: Props) {
  const deck = deckOf(value, settings, suggestion?.value);
  const open = openCards(deck);
  const label = labelsOf(settings).find((one) => one.value === open[0]);
  if (!label) {
    return (
      <p className={styles.hint} role="status">
        {t("Every card is decided. Below, labels can still be changed.")}
      </p>
    );
  }
  const isSuggested = Array.isArray(suggestion?.value) && suggestion.value.includes(label.value);
  const n = deck.cards.length;
  return (
    <AskCard
      question={t("Does this apply? {{at}} of {{n}}", { at: n - open.length + 1, n })}
      label={label}
      hint={isSuggested ? (n > 1 ? t("suggested") : suggestedWords(suggestion.probability)) : null}
      isYes={null}
      acceptCap={acceptCap}
      rejectCap={rejectCap}
      describedBy={describedBy}
      onAccept={() => dispatch({ accept: true })}
      onReject={() => dispatch({ reject: true })}
    />
  );
}
