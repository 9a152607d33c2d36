import { Textarea } from "@mantine/core";
import type { RenderProps } from "../widget";
import styles from "../widgets.module.css";
import type { Action, Settings, Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  return (
    <>
      <Textarea
        name={id}
        aria-label="Your text"
        aria-describedby={describedBy}
        autosize
        minRows={3}
        dir="auto"
        value={value ?? ""}
        onChange={(event) => dispatch({ write: event.currentTarget.value })}
        onKeyDown={(event) => {
          // In a text, Enter is a new line: Ctrl or ⌘ makes it the page's own again, Escape leaves the field.
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) {
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          } else if (event.key === "Escape") {
            event.currentTarget.blur();
          }
        }}
      />
      {settings.allow_empty && (
        <button type="button" className={styles.plain} onClick={() => dispatch({ leaveEmpty: true })}>
          {caps[0] && <kbd>{caps[0]}</kbd>} it stays empty{value === "" ? " ✓" : ""}
        </button>
      )}
      <p className={styles.hint}>
        Ctrl + Enter submits from inside the field.
        {typeof suggestion?.value === "string" && (
          <>
            {" "}
            Suggested: <q dir="auto">{suggestion.value}</q>
          </>
        )}
      </p>
    </>
  );
}
