import { between, type Certificate, type CurvePoint, share } from "../domain/report";
import { decimal } from "../words/figures";
import { t } from "../words/words";
import { Axes, Figure } from "./Figure";
import styles from "./plots.module.css";
import { Readout } from "./Readout";
import { across, FRAME, path, ticks, upwards } from "./scale";

interface Props {
  question: {
    title: string;
    risk_coverage: readonly CurvePoint[];
    certificate: Pick<Certificate, "is_certified" | "target_error" | "coverage"> | null;
  };
  /** The share accepted at another limit that is being tried. */
  tried?: number;
}

/** Error among the accepted as more is accepted, with the certified point. */
export function RiskCoverage({ question, tried }: Props) {
  const points = question.risk_coverage.filter((point) => point.risk !== null);
  const certificate = question.certificate;
  if (points.length === 0 || certificate === null) {
    return null;
  }
  const limit = certificate.target_error;
  // The interval at the strict end is wide and says little: the risk, not its bound, sets the height.
  const highest = Math.max(limit * 1.6, ...points.map((point) => (point.risk ?? 0) * 1.4));
  const yTicks = ticks(Math.min(1, highest));
  const top = yTicks.at(-1) ?? 1;
  const x = across(FRAME, 0, 1);
  const y = upwards(FRAME, 0, top);
  const line = points.map((point) => [x(point.coverage), y(point.risk ?? 0)] as const);
  const upper = points.map((point) => [x(point.coverage), y(Math.min(top, point.high ?? 0))] as const);
  const lower = points.map((point) => [x(point.coverage), y(point.low ?? 0)] as const).reverse();
  const at = certificate.is_certified ? x(certificate.coverage) : null;
  const isRight = certificate.coverage > 0.55;
  const description = certificate.is_certified
    ? t("Certified up to {{coverage}} accepted, at a limit of {{limit}} error.", {
        coverage: share(certificate.coverage),
        limit: share(limit),
      })
    : t("Nothing is certified at a limit of {{limit}} error.", { limit: share(limit) });
  return (
    <Figure
      about={question.title}
      title={t("Error among the accepted, as more is accepted")}
      description={description}
      columns={[t("accepted"), t("score at least"), t("wrong"), t("interval")]}
      rows={points.map((point) => [
        share(point.coverage),
        decimal(point.threshold, 3),
        share(point.risk),
        between(point),
      ])}
    >
      <Axes
        x={x}
        y={y}
        xTicks={[0, 0.25, 0.5, 0.75, 1]}
        yTicks={yTicks}
        xLabel={t("accepted without a person")}
      />
      {at !== null && (
        <>
          <rect
            className={styles.certified}
            x={FRAME.left}
            y={FRAME.top}
            width={at - FRAME.left}
            height={FRAME.height - FRAME.top - FRAME.bottom}
          />
          <path className={styles.certifiedEdge} d={`M${at} ${FRAME.top}V${FRAME.height - FRAME.bottom}`} />
          <text
            className={styles.certifiedWords}
            x={isRight ? at - 7 : at + 7}
            y={FRAME.top + 14}
            textAnchor={isRight ? "end" : "start"}
          >
            {t("certified up to {{coverage}}", { coverage: share(certificate.coverage) })}
          </text>
        </>
      )}
      <path className={styles.band} d={`${path([...upper, ...lower])}Z`} />
      <path className={styles.curve} d={path(line)} />
      <path className={styles.limit} d={`M${FRAME.left} ${y(limit)}H${FRAME.width - FRAME.right}`} />
      <text className={styles.limitWords} x={FRAME.left + 6} y={y(limit) - 5}>
        {t("your limit, {{limit}}", { limit: share(limit) })}
      </text>
      {tried !== undefined && (
        <>
          <path className={styles.here} d={`M${x(tried)} ${FRAME.top}V${FRAME.height - FRAME.bottom}`} />
          <text
            className={styles.hereWords}
            x={tried > 0.55 ? x(tried) - 7 : x(tried) + 7}
            y={FRAME.top + 32}
            textAnchor={tried > 0.55 ? "end" : "start"}
          >
            {t("planned: {{tried}}", { tried: share(tried) })}
          </text>
        </>
      )}
      <Readout
        spots={points.map((point) => ({
          x: x(point.coverage),
          y: y(Math.min(top, point.risk ?? 0)),
          words: t("{{coverage}} accepted, {{risk}} wrong", {
            coverage: share(point.coverage),
            risk: share(point.risk),
          }),
        }))}
      />
    </Figure>
  );
}
