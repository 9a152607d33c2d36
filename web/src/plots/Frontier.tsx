import { between, share } from "../domain/report";
import type { FrontierPoint } from "../domain/trust";
import { spoken, t } from "../words/words";
import { Axes, Figure } from "./Figure";
import styles from "./plots.module.css";
import { Readout } from "./Readout";
import { across, FRAME, path, ticks, upwards } from "./scale";

/** What each sum of money buys at best. */
export function Frontier({ points }: { points: readonly FrontierPoint[] }) {
  if (points.length === 0) {
    return null;
  }
  const sorted = [...points].sort((a, b) => a.cost - b.cost);
  const chosen = sorted.find((point) => point.chosen);
  const xTicks = ticks(Math.max(...sorted.map((point) => point.cost)), 4);
  const lowest = Math.min(...sorted.map((point) => point.low));
  const floor = Math.max(0, Math.floor(lowest * 20 - 0.5) / 20);
  const yTicks = Array.from({ length: 6 }, (_, place) =>
    Number((floor + ((1 - floor) * place) / 5).toFixed(3)),
  );
  const x = across(FRAME, 0, xTicks.at(-1) ?? 1);
  const y = upwards(FRAME, floor, 1);
  const band = [
    ...sorted.map((point) => [x(point.cost), y(point.high)] as const),
    ...sorted.map((point) => [x(point.cost), y(Math.max(floor, point.low))] as const).reverse(),
  ];
  return (
    <Figure
      about={t("The plan")}
      title={t("What each sum of money buys at best")}
      description={
        chosen
          ? t("The plan spends {{cost}} for {{accuracy}} right labels.", {
              cost: money(chosen.cost),
              accuracy: share(chosen.accuracy),
            })
          : t("Between {{value}} and {{value2}}.", { value: money(0), value2: money(xTicks.at(-1) ?? 0) })
      }
      columns={[t("cost"), t("right"), t("interval"), t("gold"), t("audit"), t("reviewed"), t("fresh")]}
      rows={sorted.map((point) => [
        money(point.cost),
        share(point.accuracy),
        between(point),
        String(point.gold),
        String(point.audit),
        String(point.reviewed),
        String(point.fresh),
      ])}
    >
      <Axes x={x} y={y} xTicks={xTicks} yTicks={yTicks} xLabel={t("cost")} asMoney />
      <path className={styles.band} d={`${path(band)}Z`} />
      <path
        className={styles.curve}
        d={path(sorted.map((point) => [x(point.cost), y(point.accuracy)] as const))}
      />
      {chosen && <circle className={styles.dot} cx={x(chosen.cost)} cy={y(chosen.accuracy)} r={6} />}
      <Readout
        spots={sorted.map((point) => ({
          x: x(point.cost),
          y: y(point.accuracy),
          words: t("{{cost}}: {{accuracy}} right, {{reviewed}} reviewed", {
            cost: money(point.cost),
            accuracy: share(point.accuracy),
            reviewed: point.reviewed,
          }),
        }))}
      />
    </Figure>
  );
}

export function money(usd: number): string {
  return new Intl.NumberFormat(spoken(), {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    maximumFractionDigits: usd < 100 ? 2 : 0,
  }).format(usd);
}
