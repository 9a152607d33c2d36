import { MarkButtons } from "../marking/MarkButtons";
import { fieldOf } from "../marking/marks";
import { Passage } from "../marking/Passage";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import { type Action, describe, keys, markedOf, type Settings, type Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const field = fieldOf(settings, item);
  if (field === null) {
    return <NoField />;
  }
  const marked = markedOf(value, settings);
  const titles = new Map(labelsOf(settings).map((label) => [label.value, label.title]));
  return (
    <>
      <Passage
        text={String(item.content[field])}
        spans={marked.spans}
        selection={marked.selection}
        caption={(span) => titles.get(span.label) ?? span.label}
        describedBy={describedBy}
        onSelect={(selection) => dispatch({ select: selection })}
      />
      <MarkButtons
        bindings={keys(settings)}
        caps={caps}
        isChosen={(action) => "nothing" in action && marked.isAnswered && marked.spans.length === 0}
        dispatch={dispatch}
      />
      <MarkHint />
      {suggestion && (
        <p className={styles.hint}>Suggested: {describe(suggestion.value as Value, settings)}.</p>
      )}
    </>
  );
}

export function NoField() {
  return (
    <p className={styles.hint} role="alert">
      This item has no single text to mark. Skip it, and tell whoever leads the project: the question needs
      the setting “field”.
    </p>
  );
}

export function MarkHint() {
  return (
    <p className={styles.hint}>
      Select with the mouse (Alt: single characters), or focus the text with Tab: ← → go from word to word,
      Shift adds words, Alt moves the end by a character, Alt + Shift the beginning. Then press a label’s key.
    </p>
  );
}
