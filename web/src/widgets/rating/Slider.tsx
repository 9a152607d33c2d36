import { suggestedWords } from "../../parts/desk/suggestedWords";
import { t } from "../../words/words";
import type { RenderProps } from "../widget";
import { type Action, middleOf, type Settings, type Value } from "./logic";
import styles from "./Slider.module.css";

/** A slider that says nothing until it is moved: its middle is no answer. */
export function Slider(props: RenderProps<Settings, Value, Action>) {
  const { id, title, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const { min = 1, max = 5, min_title = "", max_title = "" } = settings;
  const suggested = typeof suggestion?.value === "number" ? suggestion.value : null;
  const share = (point: number) => `${(100 * (point - min)) / (max - min)}%`;
  const take = (field: HTMLInputElement) => dispatch({ rate: Number(field.value) });
  return (
    <div className={styles.slider}>
      <output className={styles.value} htmlFor={`${id}/slider`} data-unset={value === null || undefined}>
        {value ?? t("not set yet")}
      </output>
      <input
        id={`${id}/slider`}
        type="range"
        min={min}
        max={max}
        step={1}
        value={value ?? middleOf(settings)}
        data-unset={value === null || undefined}
        aria-label={title}
        aria-valuetext={value === null ? t("not set yet") : String(value)}
        aria-describedby={describedBy}
        onChange={(event) => take(event.currentTarget)}
        // Put down where it stands, it is an answer too.
        onPointerUp={(event) => take(event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key === " ") {
            event.preventDefault();
            take(event.currentTarget);
          }
        }}
      />
      {suggested !== null && (
        <div className={styles.marks} aria-hidden="true">
          <span style={{ insetInlineStart: share(suggested) }} />
        </div>
      )}
      <div className={styles.ends}>
        <span dir="auto">
          {min}
          {min_title && ` – ${min_title}`}
        </span>
        <span dir="auto">
          {max}
          {max_title && ` – ${max_title}`}
        </span>
      </div>
      <p className={styles.hint}>
        {suggestion && suggested !== null && (
          <span className={styles.suggested}>
            {suggested} · {suggestedWords(suggestion.probability)}
          </span>
        )}
        {caps[0] && t("{{key}} and the keys after it go to a point; the arrows move it.", { key: caps[0] })}
      </p>
    </div>
  );
}
