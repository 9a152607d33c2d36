import type { ReactNode } from "react";
import { t } from "../../words/words";
import { type Stage, useStage } from "./stage";
import styles from "./time.module.css";
import { clock, stepOf } from "./view";

interface Props {
  stage: Stage;
  /** Whether there is something to hear or see running. */
  plays: boolean;
  isClock: boolean;
  children?: ReactNode;
}

/** The buttons below a recording: what its keys do, for the mouse and for touch. */
export function PlayerBar({ stage, plays, isClock, children }: Props) {
  const isPlaying = useStage(stage, (state) => state.isPlaying);
  const rate = useStage(stage, (state) => state.rate);
  const loop = useStage(stage, (state) => state.loop);
  const isReady = useStage(stage, (state) => state.whole !== null);
  return (
    <div className={styles.bar} role="toolbar" aria-label={t("Player")}>
      {plays && (
        <button
          type="button"
          disabled={!isReady}
          onClick={stage.toggle}
          aria-label={isPlaying ? t("Pause") : t("Play")}
        >
          {isPlaying ? "❚❚" : "▶"}
        </button>
      )}
      <Clock stage={stage} isClock={isClock} />
      {children}
      {plays && (
        <span className={styles.group}>
          <button type="button" onClick={() => stage.rate(-1)} aria-label={t("Slower")}>
            −
          </button>
          <span className={styles.rate} role="status" aria-label={t("Speed")}>
            {rate}×
          </span>
          <button type="button" onClick={() => stage.rate(1)} aria-label={t("Faster")}>
            +
          </button>
        </span>
      )}
      <span className={styles.group}>
        <button type="button" onClick={() => stage.pan(-0.5)} aria-label={t("Earlier")}>
          ←
        </button>
        <button type="button" onClick={() => stage.zoom(2)} aria-label={t("Look from further away")}>
          ⊖
        </button>
        <button type="button" onClick={() => stage.zoom(0.5)} aria-label={t("Look closer")}>
          ⊕
        </button>
        <button type="button" onClick={() => stage.pan(0.5)} aria-label={t("Later")}>
          →
        </button>
        <button type="button" onClick={() => stage.fit(null)}>
          {t("Whole")}
        </button>
      </span>
      {loop !== null && (
        <button type="button" aria-pressed="true" onClick={() => stage.loop(null)}>
          {t("Stop repeating")}
        </button>
      )}
    </div>
  );
}

/** Alone, since it changes with every frame. */
function Clock({ stage, isClock }: { stage: Stage; isClock: boolean }) {
  const time = useStage(stage, (state) => state.time);
  const view = useStage(stage, (state) => state.view);
  const end = useStage(stage, (state) => state.whole?.to ?? null);
  const digits = stepOf(view) < 0.01 ? 3 : 2;
  return (
    <span className={styles.clock}>
      {clock(isClock ? time : Number(time.toPrecision(8)), isClock, digits)}
      {end !== null && <small> / {clock(end, isClock, digits)}</small>}
    </span>
  );
}
