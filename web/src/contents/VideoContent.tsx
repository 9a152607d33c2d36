/** A film with its timeline below, to be gone through picture by picture. */

import { type ReactNode, useEffect, useRef } from "react";
import { t } from "../words/words";
import { frameAt } from "./time/keys";
import { type Stage, useStage } from "./time/stage";
import styles from "./time/time.module.css";

interface Props {
  source: string;
  stage: Stage;
  fps: number;
  /** What lies over the pictures. */
  picture: ReactNode;
  /** What lies over the timeline. */
  children: ReactNode;
}

/** Behind the end of every film: where a player stops there, it knows the length. */
const BEHIND = 1e7;

export default function VideoContent({ source, stage, fps, picture, children }: Props) {
  const film = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = film.current;
    if (video === null) {
      return;
    }
    let clock = 0;
    const tell = () => stage.moved(video.currentTime, !video.paused);
    const tick = () => {
      tell();
      clock = video.paused ? 0 : requestAnimationFrame(tick);
    };
    const ready = () => {
      if (!Number.isFinite(video.duration)) {
        // Recorded without its length: the end tells it.
        video.currentTime = BEHIND;
        return;
      }
      if (stage.get().whole === null) {
        video.currentTime = 0;
        stage.ready(
          {
            seek: (time) => {
              video.currentTime = time;
            },
            play: () => void video.play().catch(() => {}),
            pause: () => video.pause(),
            setRate: (rate) => {
              video.playbackRate = rate;
            },
          },
          { from: 0, to: video.duration },
        );
      }
    };
    const fail = () =>
      stage.fail(t("This film cannot be played here. Skip the item, and tell whoever leads the project."));
    const heard = {
      loadedmetadata: ready,
      durationchange: ready,
      play: tick,
      pause: tell,
      ended: tell,
      error: fail,
    };
    for (const [name, listener] of Object.entries(heard)) {
      video.addEventListener(name, listener);
    }
    if (video.readyState > 0) {
      ready();
    }
    return () => {
      cancelAnimationFrame(clock);
      for (const [name, listener] of Object.entries(heard)) {
        video.removeEventListener(name, listener);
      }
      stage.gone();
    };
  }, [stage]);
  return (
    <>
      <div className={styles.film}>
        {/* biome-ignore lint/a11y/useMediaCaption: a film to be labelled has none */}
        <video ref={film} src={source} preload="auto" playsInline disablePictureInPicture />
        {picture}
        <FrameNumber stage={stage} fps={fps} />
      </div>
      <div className={styles.backdrop} data-kind="video">
        {children}
      </div>
    </>
  );
}

function FrameNumber({ stage, fps }: { stage: Stage; fps: number }) {
  const frame = useStage(stage, (state) => frameAt(state.time, fps));
  return <span className={styles.frame}>{t("frame {{frame}}", { frame })}</span>;
}
