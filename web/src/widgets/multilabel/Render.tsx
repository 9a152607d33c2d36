import { OptionList } from "../../parts/desk/OptionList";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import type { Action, Settings, Value } from "./logic";

/** Not a label anybody can define: labels are never empty. */
const NONE = "";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const labels = labelsOf(settings);
  const suggested = Array.isArray(suggestion?.value) ? (suggestion.value as unknown[]) : null;
  // The probability belongs to the whole set, so only one chip carries it.
  const words = (isFirst: boolean) =>
    isFirst ? suggestedWords(suggestion?.probability ?? null) : "suggested";
  const firstSuggested = labels.find((label) => suggested?.includes(label.value))?.value;
  return (
    <OptionList
      kind="checkbox"
      name={id}
      describedBy={describedBy}
      options={[
        ...labels.map((label, place) => ({
          ...label,
          isChosen: value?.includes(label.value) ?? false,
          cap: caps[place] ?? null,
          hint: suggested?.includes(label.value) ? words(label.value === firstSuggested) : null,
        })),
        {
          value: NONE,
          title: "none of these",
          description: "",
          isChosen: value?.length === 0,
          cap: caps[labels.length] ?? null,
          hint: suggested?.length === 0 ? words(true) : null,
        },
      ]}
      onChoose={(chosen) => dispatch(chosen === NONE ? { none: true } : { toggle: chosen })}
    />
  );
}
