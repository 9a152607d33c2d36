import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { t } from "../words/words";
import type { ContentProps } from "./content";
import { JsonContent } from "./JsonContent";
import { tableOf } from "./table";
import styles from "./table.module.css";

/** More rows than this are drawn only where they are looked at. */
const MANY = 60;
const ROW_PIXELS = 34;

/** `as: table`: a list of records, of lists, or one record. Settings: `columns`. */
export default function TableContent({ value, title, settings }: ContentProps) {
  const wanted = settings.columns;
  const table = useMemo(
    () => tableOf(value, Array.isArray(wanted) ? wanted.filter((one) => typeof one === "string") : []),
    [value, wanted],
  );
  const frame = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: table?.rows.length ?? 0,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PIXELS,
    overscan: 12,
    enabled: (table?.rows.length ?? 0) > MANY,
  });
  // Correcting the place while it moves would stop a way to the end half-way.
  rows.shouldAdjustScrollPositionOnItemSizeChange = () => false;
  if (table === null) {
    return <JsonContent value={value} />;
  }
  const isLong = table.rows.length > MANY;
  const seen = isLong ? rows.getVirtualItems().map((row) => row.index) : table.rows.map((_, place) => place);
  const above = isLong ? (rows.getVirtualItems()[0]?.start ?? 0) : 0;
  const below = isLong ? rows.getTotalSize() - (rows.getVirtualItems().at(-1)?.end ?? 0) : 0;
  return (
    <>
      <section
        className={styles.frame}
        ref={frame}
        aria-label={title}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <table className={styles.table} aria-rowcount={table.rows.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {table.columns.map((name) => (
                <th key={name} scope="col" dir="auto">
                  {name === "" ? <span className="for-ears">{t("name")}</span> : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <Gap pixels={above} />}
            {seen.map((place) => (
              <tr
                key={place}
                ref={isLong ? rows.measureElement : undefined}
                data-index={place}
                aria-rowindex={place + 2}
              >
                {table.rows[place]?.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
                  <td key={column} dir="auto" data-number={typeof cell === "number" || undefined}>
                    <Cell value={cell} />
                  </td>
                ))}
              </tr>
            ))}
            {below > 0 && <Gap pixels={below} />}
          </tbody>
        </table>
      </section>
      {isLong && <p className={styles.count}>{t("{{count}} rows", { count: table.rows.length })}</p>}
    </>
  );
}

/** Stands for the rows that are not drawn. */
function Gap({ pixels }: { pixels: number }) {
  return (
    <tr>
      <td className={styles.gap} style={{ height: pixels }} />
    </tr>
  );
}

function Cell({ value }: { value: unknown }) {
  if (value === undefined || value === null) {
    return <span className={styles.nothing}>–</span>;
  }
  return typeof value === "object" ? <JsonContent value={value} /> : String(value);
}
