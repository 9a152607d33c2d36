/** Fetches a table of measurements and hands it on as a series; says what could not be read. */

import { type ReactNode, useEffect, useState } from "react";
import { t } from "../../words/words";
import type { Columns } from "./columns";
import { fetchTable } from "./fetchTable";
import type { Series } from "./series";
import { type BadRow, MOST_BYTES, MOST_ROWS, NoSeries, type SeriesTable } from "./seriesFile";
import styles from "./time.module.css";

interface Props {
  source: string;
  columns: Columns;
  children: (series: Series) => ReactNode;
}

export default function FromFile({ source, columns, children }: Props) {
  const [table, setTable] = useState<SeriesTable | null>(null);
  const [problem, setProblem] = useState("");
  const asked = JSON.stringify(columns);
  useEffect(() => {
    const stop = new AbortController();
    setTable(null);
    setProblem("");
    fetchTable(source, JSON.parse(asked) as Columns, stop.signal).then(
      (found) => !stop.signal.aborted && setTable(found),
      (error: unknown) => !stop.signal.aborted && setProblem(inWords(error)),
    );
    return () => stop.abort();
  }, [source, asked]);
  if (problem) {
    return (
      <p className={styles.waiting} role="alert">
        {problem}
      </p>
    );
  }
  if (table === null) {
    return (
      <p className={styles.waiting} role="status">
        {t("The measurements are being read …")}
      </p>
    );
  }
  return (
    <>
      {table.nBad > 0 && (
        <details className={styles.bad}>
          <summary>
            {table.nBad === 1
              ? t("1 row cannot be read and is left out")
              : t("{{count}} rows cannot be read and are left out", { count: table.nBad.toLocaleString() })}
          </summary>
          <ul>
            {table.bad.map((row) => (
              <li key={row.line}>{badInWords(row)}</li>
            ))}
            {table.nBad > table.bad.length && <li>…</li>}
          </ul>
        </details>
      )}
      {children(table.series)}
    </>
  );
}

function badInWords({ line, problem, found }: BadRow): string {
  switch (problem) {
    case "cells":
      return t("line {{line}}: another number of cells than in the first line ({{found}})", { line, found });
    case "time":
      return t("line {{line}}: {{found}} is no time", { line, found: found || "–" });
    case "order":
      return t("line {{line}}: {{found}} comes before the line above", { line, found });
    case "number":
      return t("line {{line}}: {{found}} is no number", { line, found });
  }
}

function inWords(error: unknown): string {
  if (!(error instanceof NoSeries)) {
    return t("The file cannot be shown: it is not in the workspace, or of a kind that browsers do not know.");
  }
  const has = error.found.slice(0, 20).join(", ");
  switch (error.why) {
    case "size":
      return t("The file has more than {{most}} MB; cut it, or measure less often.", {
        most: MOST_BYTES / 1e6,
      });
    case "rows":
      return t("The file has more than {{most}} rows; cut it, or measure less often.", {
        most: MOST_ROWS.toLocaleString(),
      });
    case "text":
      return t("The file is no text in UTF-8.");
    case "empty":
      return t("The file is empty.");
    case "time":
    case "column":
      return t("The file has no column {{wanted}}; it has {{has}}.", { wanted: error.wanted, has });
    case "numbers":
      return t("No column of the file holds numbers; it has {{has}}.", { has });
  }
}
