import { between, share } from "../domain/report";
import type { Audit } from "../domain/trust";
import { t } from "../words/words";
import { Axes, Figure } from "./Figure";
import styles from "./plots.module.css";
import { Readout } from "./Readout";
import { across, FRAME, path, ticks, upwards } from "./scale";

interface Props {
  about: string;
  audit: Audit;
  /** null = no share of wrong labels is limited. */
  target: number | null;
}

/** The error of the accepted as the audit goes on, with an interval that holds however often one looks. */
export function AuditSequence({ about, audit, target }: Props) {
  const points = audit.sequence;
  const last = points.at(-1);
  if (last === undefined) {
    return null;
  }
  // The first intervals reach from nothing to all and say nothing: later ones set the height.
  const settled = points.slice(Math.floor(points.length / 4));
  const yTicks = ticks(Math.min(1, Math.max((target ?? 0) * 1.8, ...settled.map((point) => point.high))));
  const top = yTicks.at(-1) ?? 1;
  const xTicks = ticks(last.n, 4);
  const x = across(FRAME, 0, xTicks.at(-1) ?? last.n);
  const y = upwards(FRAME, 0, top);
  const clipped = (value: number) => y(Math.min(top, value));
  const upper = points.map((point) => [x(point.n), clipped(point.high)] as const);
  const lower = points.map((point) => [x(point.n), clipped(point.low)] as const).reverse();
  const line = points.map((point) => [x(point.n), clipped(point.error)] as const);
  const words = audit.alarm
    ? t("Since answer {{since_n}} the whole interval has been above the limit.", {
        since_n: audit.alarm.since_n,
      })
    : t("After {{n}} answers {{low}} to {{high}} are wrong.", {
        n: last.n,
        low: share(last.low),
        high: share(last.high),
      });
  return (
    <Figure
      about={about}
      title={t("Error of the accepted, as the audit goes on")}
      description={words}
      columns={[t("audited"), t("wrong"), t("error"), t("interval")]}
      rows={points.map((point) => [
        String(point.n),
        String(point.n_wrong),
        share(point.error),
        between(point),
      ])}
    >
      <Axes x={x} y={y} xTicks={xTicks} yTicks={yTicks} xLabel={t("accepted items checked blind")} inWhole />
      <path className={styles.band} d={`${path([...upper, ...lower])}Z`} />
      <path className={styles.curve} d={path(line)} />
      {target !== null && (
        <>
          <path className={styles.limit} d={`M${FRAME.left} ${y(target)}H${FRAME.width - FRAME.right}`} />
          <text
            className={styles.limitWords}
            x={FRAME.width - FRAME.right - 6}
            y={y(target) - 5}
            textAnchor="end"
          >
            {t("your limit, {{target}}", { target: share(target) })}
          </text>
        </>
      )}
      {audit.alarm && (
        <path
          className={styles.alarm}
          d={`M${x(audit.alarm.since_n)} ${FRAME.top}V${FRAME.height - FRAME.bottom}`}
        />
      )}
      <Readout
        spots={points.map((point) => ({
          x: x(point.n),
          y: clipped(point.error),
          words: t("{{n_wrong}} wrong of {{n}}: {{low}} to {{high}}", {
            n_wrong: point.n_wrong,
            n: point.n,
            low: share(point.low),
            high: share(point.high),
          }),
        }))}
      />
    </Figure>
  );
}
