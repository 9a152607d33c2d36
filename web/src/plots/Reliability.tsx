import { between, type QuestionReport, share } from "../domain/report";
import { t } from "../words/words";
import { Axes, Figure } from "./Figure";
import styles from "./plots.module.css";
import { Readout } from "./Readout";
import { across, FRAME, upwards } from "./scale";

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** How often the model is right when it says how sure it is. */
export function Reliability({ question }: { question: QuestionReport }) {
  const bins = question.calibration?.reliability ?? [];
  if (bins.length === 0) {
    return null;
  }
  const x = across(FRAME, 0, 1);
  const y = upwards(FRAME, 0, 1);
  const most = Math.max(...bins.map((bin) => bin.n));
  const isOver = bins.filter((bin) => bin.high < bin.confidence).length;
  return (
    <Figure
      about={question.title}
      title={t("How sure the model says it is, and how often it is right")}
      description={
        t(
          "{{length}} groups of blind-labelled items. In {{isOver}} of them the model is clearly less often right ",
          { length: bins.length, isOver },
        ) + t("than it says.")
      }
      columns={[t("stated"), t("right"), t("interval"), t("items")]}
      rows={bins.map((bin) => [share(bin.confidence), share(bin.accuracy), between(bin), String(bin.n)])}
    >
      <Axes x={x} y={y} xTicks={TICKS} yTicks={TICKS} xLabel={t("stated confidence")} />
      <path className={styles.diagonal} d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
      <text className={styles.tick} x={x(0.03)} y={y(0.93)}>
        {t("above the dashes: better than it says")}
      </text>
      {bins.map((bin) => (
        <g key={`${bin.confidence}/${bin.n}`}>
          <path className={styles.whisker} d={`M${x(bin.confidence)} ${y(bin.low)}V${y(bin.high)}`} />
          <circle
            className={styles.dot}
            cx={x(bin.confidence)}
            cy={y(bin.accuracy)}
            r={4 + 4 * Math.sqrt(bin.n / most)}
          />
        </g>
      ))}
      <Readout
        spots={bins.map((bin) => ({
          x: x(bin.confidence),
          y: y(bin.accuracy),
          words: t("says {{said}}, right {{right}} of {{n}}", {
            said: share(bin.confidence),
            right: share(bin.accuracy),
            n: bin.n,
          }),
        }))}
      />
    </Figure>
  );
}
