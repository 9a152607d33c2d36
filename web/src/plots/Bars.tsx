import { Axes, Figure } from "./Figure";
import styles from "./plots.module.css";
import { across, FRAME, type Frame, ticks } from "./scale";

const ROW = 34;
const LABEL_WIDTH = 150;

export interface Bar {
  name: string;
  size: number;
  /** What stands behind it. */
  words: string;
}

interface Props {
  about: string;
  title: string;
  bars: readonly Bar[];
  /** The end of the axis, where it is another than the longest bar. */
  whole?: number;
  axis: string;
  unit: "items" | "share" | "money";
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** Named sizes, a bar each. */
export function Bars({ about, title, bars, whole, axis, unit, columns, rows }: Props) {
  const frame: Frame = {
    ...FRAME,
    left: LABEL_WIDTH,
    right: 60,
    height: FRAME.top + bars.length * ROW + FRAME.bottom,
  };
  const xTicks = ticks(whole ?? Math.max(...bars.map((one) => one.size)), 4);
  const x = across(frame, 0, xTicks.at(-1) ?? 1);
  return (
    <Figure
      about={about}
      title={title}
      description={bars.map(({ name, words }) => `${name}: ${words}`).join(", ")}
      columns={columns}
      rows={rows}
      frame={frame}
    >
      <Axes
        frame={frame}
        x={x}
        y={() => 0}
        xTicks={xTicks}
        yTicks={[]}
        xLabel={axis}
        inWhole={unit === "items"}
        asMoney={unit === "money"}
      />
      {bars.map(({ name, size, words }, place) => {
        const middle = frame.top + place * ROW + ROW / 2;
        return (
          <g key={name}>
            <text className={styles.rowName} x={frame.left - 10} y={middle + 4} textAnchor="end">
              {name}
            </text>
            <rect
              className={styles.bar}
              x={frame.left}
              y={middle - 9}
              width={Math.max(1, x(size) - frame.left)}
              height={18}
              rx={3}
            />
            <text className={styles.rowName} x={x(size) + 7} y={middle + 4}>
              {words}
            </text>
          </g>
        );
      })}
    </Figure>
  );
}
