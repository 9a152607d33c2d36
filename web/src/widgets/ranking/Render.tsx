import { OptionList } from "../../parts/desk/OptionList";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import { type Action, describe, type Settings, type Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const labels = labelsOf(settings);
  const titles = new Map(labels.map((label) => [label.value, label.title]));
  const order = value ?? [];
  return (
    <>
      <OptionList
        kind="checkbox"
        name={id}
        describedBy={describedBy}
        options={labels.map((label, place) => ({
          ...label,
          title: order.includes(label.value)
            ? `${order.indexOf(label.value) + 1}. ${label.title}`
            : label.title,
          isChosen: order.includes(label.value),
          cap: caps[place] ?? null,
          hint: null,
        }))}
        onChoose={(chosen) => dispatch({ place: chosen })}
      />
      <ol className={styles.order} aria-live="polite" aria-label="the order so far">
        {order.map((one, place) => (
          <li key={one}>
            <span dir="auto">{titles.get(one) ?? one}</span>
            <button
              type="button"
              aria-label={`${titles.get(one)} up`}
              disabled={place === 0}
              onClick={() => dispatch({ move: one, by: -1 })}
            >
              ↑
            </button>
            <button
              type="button"
              aria-label={`${titles.get(one)} down`}
              disabled={place === order.length - 1}
              onClick={() => dispatch({ move: one, by: 1 })}
            >
              ↓
            </button>
          </li>
        ))}
      </ol>
      <p className={styles.hint}>
        Name them one after the other, the best first; named again, one leaves the order.
        {suggestion && <> Suggested: {describe(suggestion.value as Value, settings)}.</>}
      </p>
    </>
  );
}
