import { useMemo } from "react";
import { t } from "../../words/words";
import { LabelPicker } from "../marking/LabelPicker";
import { drawn } from "../marking/lanes";
import { MarkButtons } from "../marking/MarkButtons";
import { MarkHint, NoField } from "../marking/MarkHint";
import { fieldOf, MANY_LABELS, type MarkAction, openSuggestions } from "../marking/marks";
import { Passage } from "../marking/Passage";
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
  const marks = useMemo(
    () => [
      ...drawn(spans, settings.labels, (title) => title),
      ...drawn(open, settings.labels, (title) => title, true),
    ],
    [spans, open, settings],
  );
  if (field === null) {
    return <NoField />;
  }
  const text = String(item.content[field]);
  const isByToken = settings.mode === "tokens";
  return (
    <>
      <Passage
        text={text}
        marks={marks}
        selection={isByToken ? cursorOf(marked, text) : marked.selection}
        isFine={marked.isFine ?? false}
        describedBy={describedBy}
        onSelect={(selection) => dispatch({ select: selection })}
        onReach={(place) => dispatch({ reach: place })}
      />
      {settings.labels.length > MANY_LABELS && (
        <LabelPicker
          labels={settings.labels}
          isAsked={marked.isPicking ?? false}
          onPick={(label) => dispatch({ mark: label })}
          onClose={() => dispatch({ pick: false })}
        />
      )}
      <MarkButtons
        bindings={keys(settings)}
        caps={caps}
        isChosen={(action) =>
          ("nothing" in action && marked.isAnswered && spans.length === 0) ||
          ("fine" in action && (marked.isFine ?? false)) ||
          ("fresh" in action && (marked.isFresh ?? false))
        }
        isShown={(action) => open.length > 0 || !isAboutSuggestions(action)}
        dispatch={dispatch}
      />
      <MarkHint
        isByToken={isByToken}
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
