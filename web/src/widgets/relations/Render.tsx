import { MarkButtons } from "../marking/MarkButtons";
import { fieldOf, isSame, type Span } from "../marking/marks";
import { Passage } from "../marking/Passage";
import { MarkHint, NoField } from "../spans/Render";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import { type Action, describe, draftOf, keys, type Settings, type Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const field = fieldOf(settings, item);
  if (field === null) {
    return <NoField />;
  }
  const { marked, arcs, head } = draftOf(value, settings);
  const text = String(item.content[field]);
  const characters = [...text];
  const titles = new Map(labelsOf(settings).map((label) => [label.value, label.title]));
  const types = new Map(labelsOf({ labels: settings.types }).map((type) => [type.value, type.title]));
  const quoted = (span: Span) => characters.slice(span.start, span.end).join("");
  return (
    <>
      <Passage
        text={text}
        spans={marked.spans}
        selection={marked.selection}
        caption={(span, place) =>
          `${place + 1} ${titles.get(span.label) ?? span.label}${head && isSame(head, span) ? " (head)" : ""}`
        }
        describedBy={describedBy}
        onSelect={(selection) => dispatch({ select: selection })}
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
      <MarkHint />
      {suggestion && (
        <p className={styles.hint}>Suggested: {describe(suggestion.value as Value, settings)}.</p>
      )}
    </>
  );
}
