/** A recording with its timeline and its buttons. The player itself is loaded when the first one is shown. */

import { type KeyboardEvent, lazy, type ReactNode, Suspense, useId } from "react";
import { t } from "../../words/words";
import { pressed, stepFrames } from "./keys";
import { type Marking, Overlay } from "./Overlay";
import { PlayerBar } from "./PlayerBar";
import type { Recording } from "./recording";
import { type Stage, useStage } from "./stage";
import styles from "./time.module.css";
import { clock, placeOf, ticksOf } from "./view";

const Audio = lazy(() => import("../AudioContent"));
const FromFile = lazy(() => import("./FromFile"));
const Series = lazy(() => import("../SeriesContent"));
const Video = lazy(() => import("../VideoContent"));

/** Where nobody says how many pictures a second has. */
export const USUAL_FPS = 25;

interface Props {
  recording: Recording;
  stage: Stage;
  /** What it is called, for those who listen to the page. */
  name: string;
  marking?: Marking | null;
  inSamples?: boolean;
  fps?: number | undefined;
  describedBy?: string | undefined;
  /** Keys that whoever marks listens to first; true = done. */
  onKey?: (event: KeyboardEvent) => boolean;
  /** Drawn over the pictures of a film. */
  picture?: ReactNode;
  buttons?: ReactNode;
}

export function StageView(props: Props) {
  const { recording } = props;
  if (recording.kind !== "table") {
    return <Shown {...props} recording={recording} />;
  }
  const { source, columns, field } = recording;
  return (
    <Suspense fallback={<p className={styles.waiting}>{t("The player is loading …")}</p>}>
      <FromFile source={source} columns={columns}>
        {(series) => <Shown {...props} recording={{ kind: "series", series, field }} />}
      </FromFile>
    </Suspense>
  );
}

type ShownProps = Props & { recording: Exclude<Recording, { kind: "table" }> };

function Shown(props: ShownProps) {
  const { recording, stage, name, marking = null, inSamples = false, describedBy, onKey, buttons } = props;
  const isFilm = recording.kind === "video";
  const fps = props.fps ?? USUAL_FPS;
  const problem = useStage(stage, (state) => state.problem);
  const hint = useId();
  const isClock =
    recording.kind !== "series" || !(inSamples || recording.series.t || recording.series.isCounted);
  if (problem !== null) {
    return (
      <p className={styles.waiting} role="alert">
        {problem}
      </p>
    );
  }
  const overlay = <Overlay stage={stage} marking={marking} />;
  return (
    <div
      className={styles.stage}
      data-kind={recording.kind}
      role="application"
      aria-label={name}
      aria-describedby={describedBy ? `${hint} ${describedBy}` : hint}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the player work while this has the focus
      tabIndex={0}
      onKeyDown={(event) => {
        const isOwn = event.target === event.currentTarget;
        if (isOwn && (onKey?.(event) || pressed(stage, event, isFilm ? fps : null, inSamples ? 1 : 0))) {
          event.preventDefault();
        }
      }}
    >
      <Suspense fallback={<p className={styles.waiting}>{t("The player is loading …")}</p>}>
        {recording.kind === "audio" && (
          <Audio source={recording.source} stage={stage}>
            {overlay}
          </Audio>
        )}
        {recording.kind === "video" && (
          <Video source={recording.source} stage={stage} fps={fps} picture={props.picture}>
            {overlay}
          </Video>
        )}
        {recording.kind === "series" && (
          <Series series={recording.series} stage={stage} inSamples={inSamples}>
            {overlay}
          </Series>
        )}
      </Suspense>
      <Ticks stage={stage} isClock={isClock} />
      <PlayerBar stage={stage} plays={recording.kind !== "series"} isClock={isClock}>
        {isFilm && <FrameButtons stage={stage} fps={fps} />}
        {buttons}
      </PlayerBar>
      <p id={hint} className={styles.hint}>
        {recording.kind === "series"
          ? t("With the focus here: ← → move, + − look closer or further, PageUp PageDown move the view.")
          : t(
              "With the focus here: Space plays, ← → move, < > slower or faster, + − look closer or further.",
            )}{" "}
        {isFilm && t("D and F, or , and . go from picture to picture ({{fps}} a second).", { fps })}
      </p>
    </div>
  );
}

function FrameButtons({ stage, fps }: { stage: Stage; fps: number }) {
  return (
    <span className={styles.group}>
      <button type="button" aria-label={t("One picture back")} onClick={() => stepFrames(stage, fps, -1)}>
        |◀
      </button>
      <button type="button" aria-label={t("One picture on")} onClick={() => stepFrames(stage, fps, 1)}>
        ▶|
      </button>
    </span>
  );
}

function Ticks({ stage, isClock }: { stage: Stage; isClock: boolean }) {
  const view = useStage(stage, (state) => state.view);
  const ticks = ticksOf(view, 8);
  const digits = ticks.length > 1 && (ticks[1] as number) - (ticks[0] as number) < 1 ? 2 : 0;
  return (
    <div className={styles.ticks} aria-hidden="true">
      {ticks.map((tick) => {
        const left = placeOf(view, tick);
        return (
          <span
            key={tick}
            data-at={left < 4 ? "start" : left > 96 ? "end" : undefined}
            style={{ left: `${left}%` }}
          >
            {clock(tick, isClock, digits)}
          </span>
        );
      })}
    </div>
  );
}
