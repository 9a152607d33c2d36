/** Measurements over time as lines, each channel in a lane of its own. Heavy: import it lazily. */

import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { type CSSProperties, type ReactNode, useEffect, useRef } from "react";
import uPlot from "uplot";
import { drawable, extentOf, rangeOf, type Series, valuesAt } from "./time/series";
import { type Stage, useStage } from "./time/stage";
import styles from "./time/time.module.css";
import { ticksOf } from "./time/view";

interface Props {
  series: Series;
  stage: Stage;
  inSamples: boolean;
  /** What lies over the lines. */
  children: ReactNode;
}

const LEAST_HEIGHT = 220;
const LANE = 64;
/** The width of the figures at the left; the overlay begins where they end. */
const AXIS = 48;
const FEWEST_POINTS = 10;

export default function SeriesContent({ series, stage, inSamples, children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const isDark = useComputedColorScheme() === "dark";
  useEffect(() => {
    const container = place.current;
    if (container === null) {
      return;
    }
    const plot = new uPlot(optionsOf(container, series, stage, isDark), [[]], container);
    const paint = () => {
      const columns = Math.max(50, Math.floor(plot.bbox.width / uPlot.pxRatio));
      const { x, y } = drawable(series, stage.get().view, columns, inSamples);
      plot.setData([x, ...y]);
    };
    const { time, view, whole } = stage.get();
    const player = { seek: () => {}, show: paint };
    stage.ready(player, extentOf(series, inSamples), Math.min(1, FEWEST_POINTS / series.length));
    if (whole !== null) {
      // Drawn anew in other colours: what was in sight stays.
      stage.look(view);
      stage.seek(time);
    }
    paint();
    const observer = new ResizeObserver(() => {
      if (container.clientWidth > 0 && container.clientWidth !== plot.width) {
        plot.setSize({ width: container.clientWidth, height: plot.height });
        paint();
      }
    });
    observer.observe(container);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [series, stage, inSamples, isDark]);
  return (
    <>
      <div className={styles.backdrop} data-kind="series">
        <div ref={place} />
        <div className={styles.lines}>{children}</div>
      </div>
      <Legend series={series} stage={stage} inSamples={inSamples} />
    </>
  );
}

/** The value of each channel at the playhead. */
function Legend({ series, stage, inSamples }: { series: Series; stage: Stage; inSamples: boolean }) {
  const time = useStage(stage, (state) => state.time);
  const values = valuesAt(series, time, inSamples);
  return (
    <div className={styles.legend}>
      {series.channels.map(({ name }, place) => (
        <span key={name} style={{ "--hue": hueOf(place) } as CSSProperties}>
          <i />
          <span dir="auto">{name}</span> {values[place] ?? "–"}
        </span>
      ))}
    </div>
  );
}

function hueOf(channel: number): number {
  return (210 + channel * 97) % 360;
}

function optionsOf(container: HTMLElement, series: Series, stage: Stage, isDark: boolean): uPlot.Options {
  const look = getComputedStyle(container);
  const [mute, line] = ["--mute", "--line"].map((name) => look.getPropertyValue(name).trim());
  const n = series.channels.length;
  const scales: uPlot.Scales = {
    x: {
      time: false,
      range: () => {
        const { view } = stage.get();
        return [view.from, view.to];
      },
    },
  };
  series.channels.forEach((channel, place) => {
    const [low, high] = rangeOf(channel);
    // Its own band of the height: the first channel is the highest.
    const span = high - low;
    scales[`y${place}`] = { range: [low - (n - 1 - place) * span, high + place * span] };
  });
  return {
    width: Math.max(container.clientWidth, 100),
    height: Math.max(LEAST_HEIGHT, n * LANE),
    padding: [0, 0, 0, n > 1 ? AXIS : 0],
    legend: { show: false },
    cursor: { show: false },
    scales,
    axes: [
      {
        size: 0,
        splits: (_, __, from, to) => ticksOf({ from, to }, 8),
        values: (_, splits) => splits.map(() => ""),
        ticks: { show: false },
        grid: { stroke: line ?? "", width: 1 },
      },
      {
        scale: "y0",
        show: n === 1,
        size: AXIS,
        stroke: mute ?? "",
        ticks: { stroke: line ?? "" },
        grid: { stroke: line ?? "", width: 1 },
      },
    ],
    series: [
      {},
      ...series.channels.map((channel, place) => ({
        label: channel.name,
        scale: `y${place}`,
        stroke: `hsl(${hueOf(place)} 60% ${isDark ? 68 : 40}%)`,
        width: 1.25,
        points: { show: series.length < 200 },
      })),
    ],
  };
}
