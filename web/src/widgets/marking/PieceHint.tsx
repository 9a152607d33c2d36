import { t } from "../../words/words";
import styles from "./marking.module.css";
import type { Place } from "./marks";
import { liesIn } from "./pieces";
import { textAt, wordsAtHand } from "./words";

interface Props {
  text: string;
  selection: Place | null;
  /** The mark that what is selected would be added to; null = none, or it is what is selected. */
  mark: Place | null;
}

const MOST = 60;

/** What the key for pieces would do now. */
export function PieceHint({ text, selection, mark }: Props) {
  const words = wordsAtHand(text);
  const named = (place: Place) => textAt(words, place, MOST);
  return (
    <p className={styles.told} role="status" dir="auto">
      {mark !== null &&
        selection !== null &&
        (liesIn(selection, mark)
          ? t("“{{piece}}” can be taken from the mark “{{mark}}”.", {
              piece: named(selection),
              mark: named(mark),
            })
          : t("“{{piece}}” can be added to the mark “{{mark}}”.", {
              piece: named(selection),
              mark: named(mark),
            }))}
    </p>
  );
}
