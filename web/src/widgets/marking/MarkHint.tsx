import { t } from "../../words/words";
import styles from "../widgets.module.css";

export function NoField() {
  return (
    <p className={styles.hint} role="alert">
      {t(
        "This item has no single text to mark. Skip it, and tell whoever leads the project: the question needs the setting “field”.",
      )}
    </p>
  );
}

interface Props {
  isByToken?: boolean;
  hasRelations?: boolean;
  hasPieces?: boolean;
  /** What is suggested, in words. */
  told: string | null;
}

export function MarkHint({ isByToken = false, hasRelations = false, hasPieces = false, told }: Props) {
  return (
    <>
      {told !== null && (
        <p className={styles.hint} role="status">
          {told}
        </p>
      )}
      <details className={styles.hint}>
        <summary>{t("How to select")}</summary>
        <ul>
          {isByToken && (
            <li>
              {t(
                "The frame stands on a word: a label’s key marks it and goes on to the next. A word after one of the same label belongs to its mark.",
              )}
            </li>
          )}
          {hasRelations && (
            <li>
              {t(
                "Relate: pull a line from one mark’s label to another mark’s; or take a mark as head, select the other and say how; or type their numbers.",
              )}
            </li>
          )}
          {hasPieces && (
            <li>
              {t(
                "Several pieces: mark one, select another and press the key for “add to the mark, or take from it”; with the mouse hold Ctrl or ⌘ while selecting.",
              )}
            </li>
          )}
          <li>
            {t("Mouse: drag over the text (with Shift, single characters), or click a word or a mark.")}
          </li>
          <li>{t("Touch: tap a word or a mark, then pull the two edges.")}</li>
          <li>
            {t(
              "Keys: go to the text with Tab; the arrows go from word to word and line to line, Shift adds words.",
            )}
          </li>
          <li>
            {t(
              "Alt with an arrow moves the end by a character, Alt and Shift the beginning; a mark that is selected goes along.",
            )}
          </li>
        </ul>
      </details>
    </>
  );
}
