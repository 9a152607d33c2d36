import { OptionList } from "../../parts/desk/OptionList";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import type { RenderProps } from "../widget";
import { type Action, isSame, type Settings, scaleOf, type Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const scale = scaleOf(settings);
  return (
    <OptionList
      kind="radio"
      name={id}
      describedBy={describedBy}
      options={scale.map((degree, place) => ({
        value: String(place),
        title: degree.title,
        description: "",
        isChosen: isSame(value, degree),
        cap: caps[place] ?? null,
        hint: suggestion && isSame(suggestion.value, degree) ? suggestedWords(suggestion.probability) : null,
      }))}
      onChoose={(place) => {
        const chosen = scale[Number(place)];
        if (chosen) {
          dispatch({ prefer: chosen });
        }
      }}
    />
  );
}
