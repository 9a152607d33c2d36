import { type ReactNode, useId, useRef } from "react";
import { percentage } from "../words/figures";
import { spoken, t } from "../words/words";
import styles from "./plots.module.css";
import { csvOf, fileName, save, svgOf } from "./saving";
import { FRAME, type Frame } from "./scale";

interface Props {
  /** The question it is about. */
  about: string;
  title: string;
  /** What the picture shows, for those who do not see it. */
  description: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  children: ReactNode;
  /** Its size, where it is another than most have. */
  frame?: Frame;
  /** What the signs mean. */
  note?: ReactNode;
}

/** A picture with its words and its numbers; both can be saved. */
export function Figure({ about, title, description, columns, rows, children, frame = FRAME, note }: Props) {
  const id = useId();
  const picture = useRef<SVGSVGElement>(null);
  const named = `${about} ${title}`;

  function savePicture(): void {
    if (picture.current !== null) {
      const paper = getComputedStyle(document.documentElement).getPropertyValue("--card").trim() || "#fff";
      save(fileName(named, "svg"), "image/svg+xml", svgOf(picture.current, paper));
    }
  }

  return (
    <figure className={styles.figure}>
      <figcaption>{title}</figcaption>
      <svg
        ref={picture}
        viewBox={`0 0 ${frame.width} ${frame.height}`}
        role="img"
        aria-labelledby={`${id}t ${id}d`}
      >
        <title id={`${id}t`}>{title}</title>
        <desc id={`${id}d`}>{description}</desc>
        {children}
      </svg>
      {note && <p className={styles.note}>{note}</p>}
      <details>
        <summary>{t("The numbers")}</summary>
        <section
          className={styles.scroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label={t("{{about}}: {{title}}: the numbers", { about, title })}
        >
          <table>
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
              {rows.map((row) => (
                <tr key={row.join("|")}>
                  {row.map((cell, place) => (
                    <td key={columns[place]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
      <p className={styles.saving}>
        <button
          type="button"
          onClick={savePicture}
          aria-label={t("Save picture (SVG): {{title}}", { title })}
        >
          {t("Save picture (SVG)")}
        </button>
        <button
          type="button"
          onClick={() => save(fileName(named, "csv"), "text/csv;charset=utf-8", csvOf(columns, rows))}
          aria-label={t("Save numbers (CSV): {{title}}", { title })}
        >
          {t("Save numbers (CSV)")}
        </button>
      </p>
    </figure>
  );
}

interface AxesProps {
  x: (value: number) => number;
  y: (value: number) => number;
  xTicks: readonly number[];
  yTicks: readonly number[];
  xLabel: string;
  frame?: Frame;
  /** The x axis counts, or is money; it has percent otherwise. */
  inWhole?: boolean;
  asMoney?: boolean;
}

/** Grid, with percent along the edges where nothing else is said. */
export function Axes({
  x,
  y,
  xTicks,
  yTicks,
  xLabel,
  frame = FRAME,
  inWhole = false,
  asMoney = false,
}: AxesProps) {
  const { width, height, left, right, bottom } = frame;
  const across = asMoney ? dollars : inWhole ? String : percent;
  const last = xTicks.length - 1;
  return (
    <g className={styles.axes}>
      {yTicks.map((value) => (
        <g key={value}>
          <path d={`M${left} ${y(value)}H${width - right}`} />
          <text x={left - 8} y={y(value) + 4} textAnchor="end">
            {percent(value)}
          </text>
        </g>
      ))}
      {xTicks.map((value, place) => (
        <text
          key={value}
          x={x(value)}
          y={height - bottom + 17}
          textAnchor={place === last ? "end" : place === 0 ? "start" : "middle"}
        >
          {across(value)}
        </text>
      ))}
      <text x={(left + width - right) / 2} y={height - 6} textAnchor="middle">
        {xLabel}
      </text>
    </g>
  );
}

function percent(value: number): string {
  return percentage(value, 1, 0);
}

function dollars(value: number): string {
  return `$${value.toLocaleString(spoken())}`;
}
