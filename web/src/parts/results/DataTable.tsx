import type { ReactNode } from "react";
import styles from "./results.module.css";

interface Props {
  caption: string;
  /** What it is about, where a page has the same table of several things. */
  about?: string;
  columns: readonly string[];
  /** Each row's first cell names it. */
  rows: readonly { key: string; cells: readonly ReactNode[]; isMarked?: boolean }[];
  children?: ReactNode;
}

/** A table with its title, and what it needs to be understood under it. */
export function DataTable({ caption, about, columns, rows, children }: Props) {
  if (rows.length === 0) {
    return null;
  }
  return (
    <div className={styles.tableBox}>
      <h3 className={styles.caption}>{caption}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={styles.sideways} aria-label={about ? `${about}: ${caption}` : caption} tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, cells, isMarked }) => (
              <tr key={key} data-frozen={isMarked || undefined}>
                {cells.map((cell, place) =>
                  place === 0 ? (
                    <th key={columns[place]} scope="row">
                      {cell}
                    </th>
                  ) : (
                    <td key={columns[place]}>{cell}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {children && <p className={styles.aside}>{children}</p>}
    </div>
  );
}
