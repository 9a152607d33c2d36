import { OptionList } from "../../parts/desk/OptionList";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import type { RenderProps } from "../widget";
import { type Action, pointsOf, type Settings, type Value } from "./logic";
import { Slider } from "./Slider";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  if (settings.display === "slider") {
    return <Slider {...props} />;
  }
  return (
    <OptionList
      kind="radio"
      name={id}
      describedBy={describedBy}
      options={pointsOf(settings).map((point, place) => ({
        value: String(point.value),
        title: String(point.value),
        description: point.meaning,
        isChosen: point.value === value,
        cap: caps[place] ?? null,
        hint: suggestion?.value === point.value ? suggestedWords(suggestion.probability) : null,
      }))}
      onChoose={(chosen) => dispatch({ rate: Number(chosen) })}
    />
  );
}
