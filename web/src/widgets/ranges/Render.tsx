import { useContext, useMemo, useState } from "react";
import { StatedFields } from "../../contents/stated";
import { frameAt } from "../../contents/time/keys";
import { isDrawn, recordingIn } from "../../contents/time/recording";
import { StageView } from "../../contents/time/StageView";
import { createStage, useStage } from "../../contents/time/stage";
import { between, stepOf } from "../../contents/time/view";
import { t } from "../../words/words";
import { MarkButtons } from "../marking/MarkButtons";
import { Told } from "../Told";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import { hueOf } from "./hues";
import { type Action, describe, draftOf, keys, nudged, type Settings, type Value, type Wish } from "./logic";
import { RangeList } from "./RangeList";
import { useGranted } from "./useGranted";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const [stage] = useState(createStage);
  const stated = useContext(StatedFields);
  const recording = useMemo(() => recordingIn(item, settings.field, stated), [item, settings.field, stated]);
  const draft = draftOf(value, settings);
  const labels = labelsOf(settings);
  const loop = useStage(stage, (state) => state.loop);
  const inSamples = settings.unit === "samples";
  const { ranges, chosen, brush, begun, isAnswered } = draft;

  // Of a film whose rate is known, what begins or ends at the playhead has its picture whole.
  const pictures = recording?.kind === "video" ? (settings.fps ?? null) : null;
  const ended = (time: number) =>
    pictures === null
      ? time
      : Math.min((frameAt(time, pictures) + 1) / pictures, stage.get().whole?.to ?? time);

  function grant(wish: Wish): void {
    const { time } = stage.get();
    const range = chosen === null ? undefined : ranges[chosen];
    if (wish === "play") {
      stage.toggle();
    } else if (wish === "begin") {
      dispatch({ begin: pictures === null ? time : frameAt(time, pictures) / pictures });
    } else if (wish === "end" && begun !== null) {
      dispatch({ draw: [begun, ended(time)] });
    } else if (wish === "end" && chosen !== null) {
      dispatch({ edge: "end", of: chosen, to: ended(time) });
    } else if (wish === "repeat") {
      stage.loop(loop === null && range ? { from: range.start, to: range.end } : null);
    }
  }
  useGranted(draft.wish, grant);

  if (recording === null || (inSamples && !isDrawn(recording))) {
    return (
      <p className={styles.hint} role="alert">
        {recording === null
          ? t(
              "There is nothing to play or to plot in this item: a recording or a series must be in one field.",
            )
          : t("This question counts samples, which only a series has.")}{" "}
        {t("Skip it, and tell whoever leads the project.")}
      </p>
    );
  }
  const plays = !isDrawn(recording);
  const offered = keys(settings)
    .map((binding, place) => ({ binding, cap: caps[place] ?? null }))
    .filter(({ binding: { action } }) => plays || !("wish" in action && /play|repeat/.test(action.wish)));
  const titles = new Map(labels.map((label) => [label.value, label.title]));
  return (
    <>
      <StageView
        recording={recording}
        stage={stage}
        name={t("the timeline to mark ranges in")}
        inSamples={inSamples}
        fps={settings.fps}
        describedBy={describedBy}
        marking={{
          marks: ranges.map(({ start, end, label }) => ({
            start,
            end,
            title: titles.get(label) ?? label,
            hue: hueOf(labels, label),
          })),
          chosen,
          begun,
          onDraw: (from, to) => {
            const whole = stage.get().whole ?? { from, to };
            dispatch({ draw: [between(whole.from, from, whole.to), between(whole.from, to, whole.to)] });
          },
          onChoose: (place) => dispatch({ choose: place }),
          onEdge: (of, edge, to) => dispatch({ edge, of, to }),
        }}
        onKey={(event) => {
          const { view, whole } = stage.get();
          const action = nudged(event, draft, stepOf(view, inSamples ? 1 : 0));
          if (action === null || whole === null) {
            return false;
          }
          dispatch("edge" in action ? { ...action, to: between(whole.from, action.to, whole.to) } : action);
          return true;
        }}
      />
      <RangeList
        draft={draft}
        settings={settings}
        labels={labels}
        dispatch={dispatch}
        onPlay={plays ? (range) => stage.loop({ from: range.start, to: range.end }) : null}
      />
      <MarkButtons
        bindings={offered.map(({ binding }) => binding)}
        caps={offered.map(({ cap }) => cap)}
        isChosen={(action) =>
          ("nothing" in action && isAnswered && ranges.length === 0) ||
          ("wish" in action && action.wish === "begin" && begun !== null) ||
          ("wish" in action && action.wish === "repeat" && loop !== null) ||
          ("label" in action && action.label === (brush ?? labels[0]?.value))
        }
        colourOf={(label) => `hsl(${hueOf(labels, label)} 60% 45%)`}
        dispatch={dispatch}
      />
      <Told
        said={describe(value, settings)}
        suggested={suggestion && describe(suggestion.value as Value, settings)}
        hint={t(
          "Draw with the mouse, or begin and end a range at the playhead (I and O on the timeline). ↑ ↓ choose a range; Shift ← → move its end, Alt ← → its beginning; Delete removes it.",
        )}
      />
    </>
  );
}
