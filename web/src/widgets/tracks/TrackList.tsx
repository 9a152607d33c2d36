import type { CSSProperties } from "react";
import { frameAt, frameTime } from "../../contents/time/keys";
import { type Stage, useStage } from "../../contents/time/stage";
import { t } from "../../words/words";
import { hueOf } from "../ranges/hues";
import rows from "../ranges/ranges.module.css";
import type { Label } from "../widget";
import type { Action, Draft } from "./logic";

interface Props {
  stage: Stage;
  fps: number;
  draft: Draft;
  labels: readonly Label[];
  dispatch: (action: Action) => void;
}

/** Every track as a row, with its key frames: all that the film shows, for keys and for ears. */
export function TrackList({ stage, fps, draft, labels, dispatch }: Props) {
  const at = useStage(stage, (state) => frameAt(state.time, fps));
  const { tracks, chosen } = draft;
  if (tracks.length === 0) {
    return null;
  }
  return (
    <ol className={rows.list} aria-label={t("Tracks")}>
      {tracks.map((track, place) => {
        const title = labels.find((label) => label.value === track.label)?.title ?? track.label;
        const number = place + 1;
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a track keeps its place while it is changed
            key={place}
            className={rows.row}
            data-chosen={place === chosen || undefined}
          >
            <button
              type="button"
              className={rows.chip}
              aria-pressed={place === chosen}
              aria-label={t("Track {{number}}: {{title}}", { number, title })}
              style={{ "--hue": hueOf(labels, track.label) } as CSSProperties}
              onClick={() => dispatch({ choose: place === chosen ? null : place })}
            >
              <span dir="auto">{title}</span>
            </button>
            {track.keyframes.map(({ frame, outside }) => (
              <button
                key={frame}
                type="button"
                className={rows.small}
                aria-current={frame === at || undefined}
                aria-label={
                  outside
                    ? t("Track {{number}}: out of sight from frame {{frame}}", { number, frame })
                    : t("Track {{number}}: key frame {{frame}}", { number, frame })
                }
                onClick={() => {
                  dispatch({ choose: place });
                  stage.pause();
                  stage.seek(frameTime(frame, fps));
                }}
              >
                {outside ? `⊘ ${frame}` : frame}
              </button>
            ))}
            <button
              type="button"
              className={rows.small}
              aria-label={t("Remove track {{number}}", { number })}
              onClick={() => dispatch({ remove: place })}
            >
              ✕
            </button>
          </li>
        );
      })}
    </ol>
  );
}
