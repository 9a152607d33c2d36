import type { HourCount } from "../api/types";
import { type Day, daysOf } from "../domain/dashboard";
import { spoken, t } from "../words/words";
import { Figure } from "./Figure";
import styles from "./plots.module.css";
import { FRAME, type Frame } from "./scale";

const ROW = 15;
const LEFT = 62;
const SHOWN_HOURS = [0, 6, 12, 18];

/** When people answer: a row a day, a column an hour. */
export function HeatMap({ counts }: { counts: readonly HourCount[] }) {
  const days = daysOf(counts);
  if (days.length === 0) {
    return null;
  }
  const frame: Frame = { ...FRAME, left: LEFT, top: 22, bottom: 8, height: 30 + days.length * ROW };
  const wide = (frame.width - frame.left - frame.right) / 24;
  const most = Math.max(...days.flatMap((day) => day.hours));
  const all = days.reduce((sum, day) => sum + total(day), 0);
  const busiest = days.reduce((best, day) => (total(day) > total(best) ? day : best));
  const cells = days.flatMap((day, row) =>
    day.hours.map((n, hour) => ({
      day: day.date,
      hour,
      n,
      x: frame.left + hour * wide,
      y: frame.top + row * ROW,
    })),
  );
  return (
    <Figure
      about="Dashboard"
      title={t("When people answer")}
      description={t(
        "{{all}} items answered on {{length}} days; most on {{date}}: {{busiest}}. At most {{most}} in an hour.",
        { all, length: days.length, date: busiest.date, busiest: total(busiest), most },
      )}
      columns={[t("day"), t("hour"), t("items answered")]}
      rows={cells.filter(({ n }) => n > 0).map(({ day, hour, n }) => [day, clock(hour), String(n)])}
      frame={frame}
      note={t("Items answered in an hour, in your time zone; the darkest: {{most}}", { most })}
    >
      <g className={styles.axes}>
        {SHOWN_HOURS.map((hour) => (
          <text key={hour} x={frame.left + hour * wide} y={14}>
            {clock(hour)}
          </text>
        ))}
        {days.map((day, row) => (
          <text key={day.date} x={frame.left - 7} y={frame.top + row * ROW + 11} textAnchor="end">
            {shortDate(day.date)}
          </text>
        ))}
      </g>
      {cells.map(({ day, hour, n, x, y }) => (
        <rect
          key={`${day}/${hour}`}
          className={n === 0 ? styles.empty : styles.heat}
          x={x + 0.75}
          y={y + 0.75}
          width={wide - 1.5}
          height={ROW - 1.5}
          rx={2}
          opacity={n === 0 ? 1 : 0.2 + 0.8 * (n / most)}
        >
          {n > 0 && <title>{`${day} ${clock(hour)}: ${n}`}</title>}
        </rect>
      ))}
    </Figure>
  );
}

function total(day: Day): number {
  return day.hours.reduce((sum, n) => sum + n, 0);
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

function shortDate(date: string): string {
  return new Date(`${date}T12:00:00`).toLocaleDateString(spoken(), { day: "numeric", month: "short" });
}
