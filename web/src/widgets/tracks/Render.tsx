import { useMemo, useState } from "react";
import { frameAt, stepFrames } from "../../contents/time/keys";
import { recordingIn } from "../../contents/time/recording";
import { StageView } from "../../contents/time/StageView";
import { createStage } from "../../contents/time/stage";
import { t } from "../../words/words";
import { MarkButtons } from "../marking/MarkButtons";
import { hueOf } from "../ranges/hues";
import { useGranted } from "../ranges/useGranted";
import { Told } from "../Told";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import {
  type Action,
  describe,
  draftOf,
  keys,
  pressedOn,
  type Settings,
  type Value,
  type Wish,
} from "./logic";
import { Picture } from "./Picture";
import { TrackList } from "./TrackList";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const [stage] = useState(createStage);
  const recording = useMemo(() => recordingIn(item, settings.field), [item, settings.field]);
  const draft = draftOf(value, settings);
  const labels = labelsOf(settings);
  const { fps } = settings;
  const { tracks, chosen, brush, isAnswered } = draft;
  const here = () => frameAt(stage.get().time, fps);

  function grant(wish: Wish): void {
    if (wish === "play") {
      stage.toggle();
    } else if (wish === "back" || wish === "on") {
      stepFrames(stage, fps, wish === "on" ? 1 : -1);
    } else if (wish === "add") {
      stage.pause();
      dispatch({ draw: null, at: here() });
    } else {
      stage.pause();
      dispatch(wish === "key" ? { key: here() } : { outside: here() });
    }
  }
  useGranted(draft.wish, grant);

  if (recording?.kind !== "video") {
    return (
      <p className={styles.hint} role="alert">
        {t("There is no film in this item: it must be in one field.")}{" "}
        {t("Skip it, and tell whoever leads the project.")}
      </p>
    );
  }
  const titles = new Map(labels.map((label) => [label.value, label.title]));
  return (
    <>
      <StageView
        recording={recording}
        stage={stage}
        name={t("the film to follow things in")}
        fps={fps}
        describedBy={describedBy}
        picture={<Picture stage={stage} fps={fps} draft={draft} labels={labels} dispatch={dispatch} />}
        marking={{
          marks: tracks.map(({ label, keyframes }) => ({
            start: (keyframes[0]?.frame ?? 0) / fps,
            end: ((keyframes[keyframes.length - 1]?.frame ?? 0) + 1) / fps,
            title: titles.get(label) ?? label,
            hue: hueOf(labels, label),
          })),
          chosen,
          begun: null,
          onChoose: (place) => dispatch({ choose: place }),
        }}
        onKey={(event) => {
          const action = pressedOn(event, here());
          if (action === null) {
            return false;
          }
          if ("at" in action) {
            stage.pause();
          }
          dispatch(action);
          return true;
        }}
      />
      <TrackList stage={stage} fps={fps} draft={draft} labels={labels} dispatch={dispatch} />
      <MarkButtons
        bindings={keys(settings)}
        caps={caps}
        isChosen={(action) =>
          ("nothing" in action && isAnswered && tracks.length === 0) ||
          ("label" in action && action.label === (brush ?? labels[0]?.value))
        }
        colourOf={(label) => `hsl(${hueOf(labels, label)} 60% 45%)`}
        dispatch={dispatch}
      />
      <Told
        said={describe(value, settings)}
        suggested={suggestion && describe(suggestion.value as Value, settings)}
        hint={t(
          "Draw a box on the picture; go on some pictures, and move it or draw it anew: that is a key frame, and between key frames the box moves by itself. On the film: N new box, K key frame, O out of sight, ↑ ↓ choose, Shift and arrows move, Alt and arrows size (both: fine), Delete removes, Escape lets go.",
        )}
      />
    </>
  );
}
