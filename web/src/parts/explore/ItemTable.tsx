import type { KeyboardEvent, MouseEvent } from "react";
import type { FoundItem, Question } from "../../api/types";
import { labelWords, statusWords } from "../../domain/itemLife";
import { itemPath } from "../../domain/route";
import { navigate } from "../../session/useRoute";
import { t } from "../../words/words";
import styles from "./explore.module.css";

interface Props {
  name: string;
  items: readonly FoundItem[];
  question: Question | undefined;
}

/** What was found. Arrow keys (or j and k) go from row to row, Enter opens one. */
export function ItemTable({ name, items, question }: Props) {
  return (
    <table className={styles.table} onKeyDown={onKeyDown}>
      <caption className="for-ears">
        {t("Items, in the order in which they came in. Arrow keys go from row to row.")}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t("Item")}</th>
          <th scope="col">{t("Label of record")}</th>
          <th scope="col">{t("The model says")}</th>
          <th scope="col">{t("Right in")}</th>
          <th scope="col">{t("Answers")}</th>
          <th scope="col">{t("Remarks")}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.id}>
            <th scope="row">
              <a
                href={itemPath(name, one.id)}
                data-row
                onClick={(event: MouseEvent) => {
                  if (!event.metaKey && !event.ctrlKey && !event.shiftKey) {
                    event.preventDefault();
                    navigate(itemPath(name, one.id));
                  }
                }}
              >
                <b dir="auto">{one.id}</b>
                <span className={styles.excerpt} dir="auto">
                  {one.excerpt}
                </span>
              </a>
            </th>
            <td data-heading={t("Label of record")}>
              <bdi>{one.label === null ? "" : labelWords(question, one.label)}</bdi>
              <span className={styles.excerpt}>{statusWords(one.status)}</span>
            </td>
            <td data-heading={t("The model says")} className={styles.model}>
              <bdi>{one.predicted === null ? "–" : labelWords(question, one.predicted)}</bdi>
            </td>
            <td data-heading={t("Right in")}>
              {one.probability === null ? "–" : t("{{n}} of 100", { n: Math.round(100 * one.probability) })}
            </td>
            <td data-heading={t("Answers")}>
              {one.answers}
              {one.waiting > 0 && (
                <span className={styles.excerpt}>{t("{{n}} waiting", { n: one.waiting })}</span>
              )}
            </td>
            <td data-heading={t("Remarks")}>
              {one.flags > 0 && (
                <span className={styles.flag}>{t("⚑ {{n}} flagged", { n: one.flags })} </span>
              )}
              {one.comments > 0 && t("{{n}} commented", { n: one.comments })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function onKeyDown(event: KeyboardEvent<HTMLTableElement>): void {
  const step = { ArrowDown: 1, KeyJ: 1, ArrowUp: -1, KeyK: -1 }[event.code];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("a[data-row]")];
  const at = rows.findIndex((row) => row === document.activeElement);
  rows[Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
  event.preventDefault();
}
