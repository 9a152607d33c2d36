import { useDeferredValue, useMemo } from "react";
import { t } from "../../words/words";
import { changesOf, shortened } from "./changes";
import styles from "./text.module.css";

/** What was changed of a text: struck out and underlined, with the words around it. */
export function Comparison({ before, after, name }: { before: string; after: string; name: string }) {
  const shown = useDeferredValue(after);
  const { parts, count } = useMemo(() => changesOf(before, shown), [before, shown]);
  if (count === 0) {
    return <p className={styles.none}>{t("Nothing is changed.")}</p>;
  }
  return (
    <section className={styles.changes} aria-label={name}>
      <p className={styles.none}>{t("{{count}} places changed", { count })}</p>
      <p className={styles.text} dir="auto">
        {shortened(parts).map(({ kind, text }, place) => {
          const key = place;
          return kind === "out" ? (
            <del key={key}>{text}</del>
          ) : kind === "in" ? (
            <ins key={key}>{text}</ins>
          ) : (
            <span key={key}>{text}</span>
          );
        })}
      </p>
    </section>
  );
}
