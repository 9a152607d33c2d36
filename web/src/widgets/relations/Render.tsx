import { useMemo } from "react";
import { t } from "../../words/words";
import { drawn } from "../marking/lanes";
import { MarkButtons } from "../marking/MarkButtons";
import { MarkHint, NoField } from "../marking/MarkHint";
import { fieldOf, isSame, type Span } from "../marking/marks";
import { Passage } from "../marking/Passage";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import { type Action, describe, draftOf, keys, type Settings, type Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const field = fieldOf(settings, item);
  const { marked, arcs, head } = useMemo(() => draftOf(value, settings), [value, settings]);
  const { spans } = marked;
  const marks = useMemo(
    () => drawn(spans, settings.labels, (title, place) => `${place + 1} ${title}`),
    [spans, settings],
  );
  if (field === null) {
    return <NoField />;
  }
  const text = String(item.content[field]);
  const characters = [...text];
  const types = new Map(labelsOf({ labels: settings.types }).map((type) => [type.value, type.title]));
  const quoted = (span: Span) => characters.slice(span.start, span.end).join("");
  return (
    <>
      <Passage
        text={text}
        marks={marks}
        selection={marked.selection}
        isFine={marked.isFine ?? false}
        head={head === null ? null : spans.findIndex((span) => isSame(span, head))}
        describedBy={describedBy}
        onSelect={(selection) => dispatch({ select: selection })}
        onReach={(place) => dispatch({ reach: place })}
      />
      <MarkButtons
        bindings={keys(settings)}
        caps={caps}
        isChosen={(action) =>
          ("nothing" in action && marked.isAnswered && marked.spans.length === 0) ||
          ("takeHead" in action && head !== null)
        }
        dispatch={dispatch}
      />
      <ul className={styles.order} aria-live="polite" aria-label="the relations so far">
        {arcs.map((arc) => (
          <li key={`${arc.head.start}-${arc.tail.start}-${arc.type}`}>
            <span dir="auto">
              {quoted(arc.head)} <b>{types.get(arc.type) ?? arc.type}</b> {quoted(arc.tail)}
            </span>
            <button
              type="button"
              aria-label="take this relation back"
              onClick={() => dispatch({ drop: arc })}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <MarkHint
        told={
          suggestion && t("Suggested: {{what}}.", { what: describe(suggestion.value as Value, settings) })
        }
      />
    </>
  );
}
