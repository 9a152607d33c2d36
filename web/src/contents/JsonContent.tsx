import { t } from "../words/words";
import type { ContentProps } from "./content";
import styles from "./contents.module.css";

const DEEPEST = 8;
const MOST = 200;

/** `as: json`: whatever the value is. */
export function JsonValue({ value }: ContentProps) {
  return <JsonContent value={value} />;
}

/** A structured value as lists that people can read. */
export function JsonContent({ value, depth = 0 }: { value: unknown; depth?: number }) {
  if (value === null || value === undefined) {
    return <span className={styles.nothing}>{t("nothing")}</span>;
  }
  if (typeof value !== "object") {
    return (
      <span className={styles.scalar} dir="auto">
        {String(value)}
      </span>
    );
  }
  const pairs = Array.isArray(value)
    ? value.map((one, place) => [place + 1, one] as const)
    : Object.entries(value);
  if (depth >= DEEPEST) {
    return (
      <span className={styles.nothing}>
        {t("… nested deeper than is shown here ({{count}} parts)", { count: pairs.length })}
      </span>
    );
  }
  if (pairs.length === 0) {
    return <span className={styles.nothing}>{t("empty")}</span>;
  }
  return (
    <dl className={styles.pairs}>
      {pairs.slice(0, MOST).map(([name, one]) => (
        <div key={name}>
          <dt dir="auto">{name}</dt>
          <dd>
            <JsonContent value={one} depth={depth + 1} />
          </dd>
        </div>
      ))}
      {pairs.length > MOST && (
        <div>
          <dt>…</dt>
          <dd className={styles.nothing}>{t("{{count}} more", { count: pairs.length - MOST })}</dd>
        </div>
      )}
    </dl>
  );
}
