import type { Dashboard } from "../api/types";
import { share } from "../domain/report";
import { spoken, t } from "../words/words";
import { Axes, Figure } from "./Figure";
import styles from "./plots.module.css";
import { across, FRAME, type Frame, ticks } from "./scale";

const ROW = 34;
const LABEL_WIDTH = 150;

/** How many items have which kind of label of record. */
export function States({ question, nItems }: { question: Dashboard["questions"][number]; nItems: number }) {
  const { states, title } = question;
  if (states.length === 0) {
    return null;
  }
  const frame: Frame = {
    ...FRAME,
    left: LABEL_WIDTH,
    right: 60,
    height: FRAME.top + states.length * ROW + FRAME.bottom,
  };
  const xTicks = ticks(nItems, 4);
  const x = across(frame, 0, xTicks.at(-1) ?? 1);
  return (
    <Figure
      about={title}
      title={t("Items by state: {{title}}", { title })}
      description={states.map(({ state, n }) => `${state}: ${n}`).join(", ")}
      columns={[t("state"), t("items"), t("share")]}
      rows={states.map(({ state, n }) => [state, String(n), share(n / nItems)])}
      frame={frame}
    >
      <Axes frame={frame} x={x} y={() => 0} xTicks={xTicks} yTicks={[]} xLabel={t("items")} inWhole />
      {states.map(({ state, n }, place) => {
        const middle = frame.top + place * ROW + ROW / 2;
        return (
          <g key={state}>
            <text className={styles.rowName} x={frame.left - 10} y={middle + 4} textAnchor="end">
              {state}
            </text>
            <rect
              className={styles.bar}
              x={frame.left}
              y={middle - 9}
              width={Math.max(1, x(n) - frame.left)}
              height={18}
              rx={3}
            />
            <text className={styles.rowName} x={x(n) + 7} y={middle + 4}>
              {n.toLocaleString(spoken())}
            </text>
          </g>
        );
      })}
    </Figure>
  );
}
