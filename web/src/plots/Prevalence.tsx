import { between, share } from "../domain/report";
import type { ClassShare } from "../domain/trust";
import { t } from "../words/words";
import { Axes, Figure } from "./Figure";
import styles from "./plots.module.css";
import { across, FRAME, type Frame, ticks } from "./scale";

const ROW = 34;
const MOST = 20;
const LABEL_WIDTH = 132;

/** How common each label is: as the labels say, and corrected by what people found. */
export function Prevalence({ about, classes }: { about: string; classes: readonly ClassShare[] }) {
  if (classes.length === 0) {
    return null;
  }
  const shown = [...classes].sort((a, b) => b.corrected - a.corrected).slice(0, MOST);
  const frame: Frame = {
    ...FRAME,
    left: LABEL_WIDTH,
    height: FRAME.top + shown.length * ROW + FRAME.bottom,
  };
  const xTicks = ticks(Math.min(1, Math.max(...shown.map((one) => Math.max(one.high, one.naive)))), 4);
  const x = across(frame, 0, xTicks.at(-1) ?? 1);
  const off = shown.filter((one) => one.naive < one.low || one.naive > one.high).length;
  return (
    <Figure
      about={about}
      title={t("How common each label is")}
      description={t(
        "Of {{length}} labels, {{off}} are counted clearly too often or too rarely before the correction.",
        { length: shown.length, off },
      )}
      columns={[t("label"), t("counted"), t("corrected"), t("interval")]}
      rows={classes.map((one) => [one.label, share(one.naive), share(one.corrected), between(one)])}
      frame={frame}
      note={
        <>
          <svg className={styles.sign} viewBox="0 0 12 12" aria-hidden="true">
            <circle className={styles.hollow} cx={6} cy={6} r={4.5} />
          </svg>{" "}
          {t("counted ·")}{" "}
          <svg className={styles.sign} viewBox="0 0 12 12" aria-hidden="true">
            <circle className={styles.dot} cx={6} cy={6} r={4.5} />
          </svg>{" "}
          {t("corrected by people's blind answers, with its interval")}
          {classes.length > MOST &&
            t(" · the {{MOST}} most common of {{length}}", { MOST, length: classes.length })}
        </>
      }
    >
      <Axes frame={frame} x={x} y={() => 0} xTicks={xTicks} yTicks={[]} xLabel={t("share of all items")} />
      {shown.map((one, place) => {
        const middle = frame.top + place * ROW + ROW / 2;
        return (
          <g key={one.label}>
            <text className={styles.rowName} x={frame.left - 10} y={middle + 4} textAnchor="end">
              {shortened(one.label)}
            </text>
            <path className={styles.rowLine} d={`M${frame.left} ${middle}H${frame.width - frame.right}`} />
            <path className={styles.whisker} d={`M${x(one.low)} ${middle}H${x(one.high)}`} />
            <circle className={styles.hollow} cx={x(one.naive)} cy={middle} r={5} />
            <circle className={styles.dot} cx={x(one.corrected)} cy={middle} r={5} />
          </g>
        );
      })}
    </Figure>
  );
}

function shortened(label: string): string {
  return label.length > 18 ? `${label.slice(0, 17)}…` : label;
}
