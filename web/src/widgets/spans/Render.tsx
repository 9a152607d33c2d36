import { useMemo } from "react";
import { t } from "../../words/words";
import { LabelPicker } from "../marking/LabelPicker";
import { lookIn, marksOf } from "../marking/lanes";
import { MarkButtons } from "../marking/MarkButtons";
import { MarkHint, NoField } from "../marking/MarkHint";
import {
  fieldOf,
  growing,
  isAt,
  isSame,
  MANY_LABELS,
  type MarkAction,
  openSuggestions,
} from "../marking/marks";
import { Passage } from "../marking/Passage";
import { PieceHint } from "../marking/PieceHint";
import { cursorOf } from "../marking/tokens";
import type { RenderProps } from "../widget";
import { type Action, keys, markedOf, type Settings, type Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const field = fieldOf(settings, item);
  const marked = useMemo(() => markedOf(value, settings), [value, settings]);
  const { spans, declined } = marked;
  const suggested = suggestion?.value ?? null;
  const open = useMemo(
    () => openSuggestions({ spans, declined }, suggested, settings),
    [spans, declined, suggested, settings],
  );
  const bindings = useMemo(() => keys(settings), [settings]);
  const marks = useMemo(() => marksOf({ spans, labels: settings.labels }, open), [spans, open, settings]);
  if (field === null) {
    return <NoField />;
  }
  const text = String(item.content[field]);
  const isByToken = settings.mode === "tokens";
  const selection = isByToken ? cursorOf(marked, text) : marked.selection;
  const last = settings.discontinuous ? growing(marked) : null;
  const grows = last === null || isAt(last, selection) ? null : last;
  return (
    <>
      <Passage
        text={text}
        marks={marks}
        selection={selection}
        isFine={marked.isFine ?? false}
        growing={grows && spans.findIndex((span) => isSame(span, grows))}
        describedBy={describedBy}
        onSelect={(selection) => dispatch({ select: selection })}
        onReach={(place) => dispatch({ reach: place })}
        onPiece={settings.discontinuous ? (piece) => dispatch({ piece }) : undefined}
      />
      {settings.discontinuous && <PieceHint text={text} selection={selection} mark={grows} />}
      {settings.labels.length > MANY_LABELS && (
        <LabelPicker
          labels={settings.labels}
          isAsked={marked.isPicking ?? false}
          onPick={(label) => dispatch({ mark: label })}
          onClose={() => dispatch({ pick: false })}
        />
      )}
      <MarkButtons
        bindings={bindings}
        caps={caps}
        isChosen={(action) =>
          ("nothing" in action && marked.isAnswered && spans.length === 0) ||
          ("fine" in action && (marked.isFine ?? false)) ||
          ("fresh" in action && (marked.isFresh ?? false))
        }
        lookOf={(action) => lookIn(settings.labels, "mark" in action ? action.mark : null)}
        isShown={(action) => open.length > 0 || !isAboutSuggestions(action)}
        dispatch={dispatch}
      />
      <MarkHint
        isByToken={isByToken}
        hasPieces={settings.discontinuous ?? false}
        told={
          open.length > 0
            ? t("{{count}} suggested, with a dashed line: take or decline each, or take all.", {
                count: open.length,
              })
            : null
        }
      />
    </>
  );
}

export function isAboutSuggestions(action: object): action is MarkAction {
  return "take" in action || "decline" in action || "takeAll" in action;
}
