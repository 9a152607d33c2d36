import { t } from "../words/words";
import { chunksOf } from "./chunks";
import styles from "./contents.module.css";

/** Longer texts scroll in a window of their own, so that the answers stay in reach. */
const LONG = 1_500;

/** A text as it was written: its line breaks kept, its direction its own. */
export function TextContent({ text, isMain, name }: { text: string; isMain: boolean; name: string }) {
  const look = isMain && text.length <= 600 ? styles.main : styles.text;
  if (text.length <= LONG) {
    return (
      <p className={look} dir="auto">
        {text}
      </p>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={styles.window} aria-label={t("{{name}}, long text", { name })} tabIndex={0}>
      {chunksOf(text).map((piece, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces never move
        <div key={place} className={styles.piece} dir="auto">
          {piece}
        </div>
      ))}
    </section>
  );
}
