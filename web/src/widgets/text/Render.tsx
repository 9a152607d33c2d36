import { Textarea } from "@mantine/core";
import { t } from "../../words/words";
import { OWN_DESCRIPTION } from "../fields/FieldInput";
import { MarkButtons } from "../marking/MarkButtons";
import type { RenderProps } from "../widget";
import styles from "../widgets.module.css";
import { Comparison } from "./Comparison";
import { type Action, keys, type Settings, sourceOf, type Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const source = sourceOf(settings, item);
  const suggested = typeof suggestion?.value === "string" ? suggestion.value : null;
  return (
    <>
      {settings.correct !== undefined && source === null && (
        <p className={styles.hint} role="alert">
          {t("This item has no text “{{field}}” to correct. Skip it, and tell whoever leads the project.", {
            field: settings.correct,
          })}
        </p>
      )}
      <Textarea
        name={id}
        {...OWN_DESCRIPTION}
        aria-label={source === null ? t("Your text") : t("The text to correct")}
        aria-describedby={describedBy}
        autosize
        minRows={3}
        maxRows={20}
        mb={10}
        dir="auto"
        spellCheck={source === null}
        value={value ?? source ?? ""}
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
      {source !== null && value !== null && (
        <Comparison before={source} after={value} name={t("What you changed")} />
      )}
      <MarkButtons
        bindings={keys(settings)}
        caps={caps}
        isChosen={(action) =>
          ("leaveEmpty" in action && value === "") || ("keep" in action && value !== null && value === source)
        }
        isShown={(action) => !("anew" in action) || (value !== null && value !== source)}
        dispatch={dispatch}
      />
      <p className={styles.hint}>{t("Ctrl + Enter submits from inside the field.")}</p>
      {suggested !== null && (
        <div className={styles.hint}>
          {t("Suggested:")}{" "}
          {source === null ? (
            <q dir="auto">{suggested}</q>
          ) : (
            <Comparison before={source} after={suggested} name={t("What is suggested")} />
          )}
        </div>
      )}
    </>
  );
}
