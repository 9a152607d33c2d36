/** A sound as a waveform. Heavy: import it lazily. */

import { useComputedColorScheme } from "@mantine/core";
import { getNonce } from "get-nonce";
import { type ReactNode, useEffect, useRef } from "react";
import WaveSurfer from "wavesurfer.js";
import { t } from "../words/words";
import { blobOf } from "./time/blobOf";
import type { Stage } from "./time/stage";
import styles from "./time/time.module.css";

interface Props {
  source: string;
  stage: Stage;
  /** What lies over the waveform. */
  children: ReactNode;
}

/** A waveform wider than this many times the page is more than browsers lay out. */
const CLOSEST = 1 / 5_000;

export default function AudioContent({ source, stage, children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const waves = useRef<WaveSurfer | null>(null);
  const scheme = useComputedColorScheme();
  useEffect(() => {
    const container = place.current;
    if (container === null) {
      return;
    }
    const made = WaveSurfer.create({
      container,
      height: 96,
      normalize: true,
      interact: false,
      dragToSeek: false,
      autoScroll: false,
      autoCenter: false,
      hideScrollbar: true,
      cursorWidth: 0,
      ...coloursOf(container),
      // Its styles live in a shadow tree, where the page's policy holds too.
      cspNonce: getNonce() ?? "",
    });
    waves.current = made;
    made.on("ready", (length) => {
      stage.ready(
        {
          seek: (time) => made.setTime(time),
          play: () => void made.play().catch(() => stage.fail(silent())),
          pause: () => made.pause(),
          setRate: (rate) => made.setPlaybackRate(rate, true),
          show: ({ from, to }) => {
            made.zoom(made.getWidth() / (to - from));
            made.setScrollTime(from);
          },
        },
        { from: 0, to: length },
        CLOSEST,
      );
    });
    made.on("timeupdate", (time) => stage.moved(time, made.isPlaying()));
    made.on("play", () => stage.moved(made.getCurrentTime(), true));
    made.on("pause", () => stage.moved(made.getCurrentTime(), false));
    made.on("finish", () => stage.moved(made.getCurrentTime(), false));
    made.on("redraw", () => made.setScrollTime(stage.get().view.from));
    made.on("error", () => stage.fail(silent()));
    const blob = blobOf(source);
    // What goes wrong is told by the event.
    (blob === null ? made.load(source) : made.loadBlob(blob)).catch(() => {});
    return () => {
      stage.gone();
      waves.current = null;
      made.destroy();
    };
  }, [source, stage]);
  useEffect(() => {
    if (place.current !== null && scheme) {
      waves.current?.setOptions(coloursOf(place.current));
    }
  }, [scheme]);
  return (
    <div className={styles.backdrop} data-kind="audio">
      <div ref={place} />
      {children}
    </div>
  );
}

function silent(): string {
  return t("This recording cannot be played here. Skip the item, and tell whoever leads the project.");
}

function coloursOf(element: HTMLElement): { waveColor: string; progressColor: string } {
  const look = getComputedStyle(element);
  return {
    waveColor: look.getPropertyValue("--mute").trim() || "#565a63",
    progressColor: look.getPropertyValue("--accent").trim() || "#2f6f5e",
  };
}
