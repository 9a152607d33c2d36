import { OptionList } from "../../parts/desk/OptionList";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import type { Action, Settings, Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  return (
    <OptionList
      kind="radio"
      name={id}
      describedBy={describedBy}
      options={labelsOf(settings).map((label, place) => ({
        ...label,
        isChosen: label.value === value,
        cap: caps[place] ?? null,
        hint: suggestion?.value === label.value ? suggestedWords(suggestion.probability) : null,
      }))}
      onChoose={(chosen) => dispatch({ choose: chosen })}
    />
  );
}
