import { diffWordsWithSpace } from "diff";
import type { ConfigurationDiff } from "../../api/types";
import { t } from "../../words/words";
import styles from "./editor.module.css";

/** What differs: one line per change, and the guideline word by word. */
export function DiffView({
  diff,
}: {
  diff: Pick<ConfigurationDiff, "changes"> & Partial<ConfigurationDiff>;
}) {
  if (diff.changes.length === 0 && !diff.guideline) {
    return <p className={styles.empty}>{t("Nothing differs.")}</p>;
  }
  return (
    <>
      <Lines lines={diff.changes} />
      {diff.guideline && <WordDiff before={diff.guideline.old} after={diff.guideline.new} />}
    </>
  );
}

export function Lines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) {
    return null;
  }
  return (
    <ul className={styles.lines} aria-label={t("Changes")}>
      {lines.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines may repeat, and never move
        <li key={place} dir="auto" data-sign={signOf(line)}>
          {line}
        </li>
      ))}
    </ul>
  );
}

/** Two texts as one, with what went struck out and what came marked. */
export function WordDiff({ before, after }: { before: string; after: string }) {
  return (
    <section className={styles.words} aria-label={t("The guideline, word by word")}>
      <h3>{t("Guideline")}</h3>
      <p dir="auto">
        {diffWordsWithSpace(before, after).map((part, place) => {
          if (part.added) {
            // biome-ignore lint/suspicious/noArrayIndexKey: parts of one comparison
            return <ins key={place}>{part.value}</ins>;
          }
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one comparison
          return part.removed ? <del key={place}>{part.value}</del> : <span key={place}>{part.value}</span>;
        })}
      </p>
    </section>
  );
}

function signOf(line: string): string | undefined {
  const sign = line.trimStart()[0];
  return sign === "+" || sign === "-" ? sign : undefined;
}
