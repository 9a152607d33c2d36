import { Cap } from "../../parts/Cap";
import { OptionList } from "../../parts/desk/OptionList";
import { t } from "../../words/words";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import { type Action, describe, type Settings, type Value } from "./logic";
import { Order } from "./Order";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const labels = labelsOf(settings);
  const titles = new Map(labels.map((label) => [label.value, label.title]));
  const order = value ?? [];
  const restCap = caps[labels.length + 1];
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
      <Order order={order} titles={titles} dispatch={dispatch} />
      {order.length < labels.length && (
        <button type="button" className={styles.plain} onClick={() => dispatch({ rest: true })}>
          {restCap && <Cap>{restCap}</Cap>} {t("place the rest as listed")}
        </button>
      )}
      <p className={styles.hint}>
        {t("Name them one after the other, the best first; named again, one leaves the order.")}
        {suggestion && (
          <> {t("Suggested: {{value}}.", { value: describe(suggestion.value as Value, settings) })}</>
        )}
      </p>
    </>
  );
}
