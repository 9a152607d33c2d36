import { useMemo } from "react";
import { OptionList } from "../../parts/desk/OptionList";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import { isSearched } from "../choosing/isSearched";
import { Picker } from "../choosing/Picker";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import type { Action, Settings, Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const hints = useMemo(
    () =>
      new Map(
        suggestion ? [[String(suggestion.value), suggestedWords(suggestion.probability)] as const] : [],
      ),
    [suggestion],
  );
  const labels = useMemo(() => labelsOf(settings), [settings]);
  if (isSearched(settings)) {
    return (
      <Picker
        id={id}
        name={props.title}
        choices={labels}
        chosen={value === null ? [] : [value]}
        hints={hints}
        isMultiple={false}
        cap={caps[0] ?? null}
        describedBy={describedBy}
        onChoose={(chosen) => dispatch({ choose: chosen })}
      />
    );
  }
  return (
    <OptionList
      kind="radio"
      name={id}
      describedBy={describedBy}
      options={labels.map((label, place) => ({
        ...label,
        isChosen: label.value === value,
        cap: caps[place] ?? null,
        hint: suggestion?.value === label.value ? suggestedWords(suggestion.probability) : null,
      }))}
      onChoose={(chosen) => dispatch({ choose: chosen })}
    />
  );
}
