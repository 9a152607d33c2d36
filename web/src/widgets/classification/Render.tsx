import { useMemo } from "react";
import { OptionList } from "../../parts/desk/OptionList";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import { isSearched } from "../choosing/isSearched";
import { Picker } from "../choosing/Picker";
import type { RenderProps } from "../widget";
import { type Label, labelsOf } from "../widget";
import { Card } from "./Card";
import { askedOf, isCard } from "./cards";
import type { Action, Settings, Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, describedBy, dispatch } = props;
  const hints = useMemo(
    () =>
      new Map(
        suggestion ? [[String(suggestion.value), suggestedWords(suggestion.probability)] as const] : [],
      ),
    [suggestion],
  );
  const labels = useMemo(() => labelsOf(settings), [settings]);
  if (!isCard(settings)) {
    return choice(labels, props.caps);
  }
  const caps = props.caps.slice(0, -1);
  const rejectCap = props.caps.at(-1) ?? null;
  const asked = askedOf(settings, suggestion?.value);
  const isOpen = asked === null || (labels.length > 2 && value !== null && value !== asked);
  const left = asked === null ? labels : labels.filter((label) => label.value !== asked);
  return (
    <>
      <Card {...props} rejectCap={rejectCap} />
      {isOpen && choice(left, caps)}
    </>
  );

  function choice(shown: readonly Label[], caps: readonly (string | null)[]) {
    if (isSearched(settings)) {
      return (
        <Picker
          id={id}
          name={props.title}
          choices={shown}
          chosen={typeof value === "string" ? [value] : []}
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
        options={shown.map((label) => ({
          ...label,
          isChosen: label.value === value,
          // A key belongs to its label, wherever that stands.
          cap: caps[labels.indexOf(label)] ?? null,
          hint: suggestion?.value === label.value ? suggestedWords(suggestion.probability) : null,
        }))}
        onChoose={(chosen) => dispatch({ choose: chosen })}
      />
    );
  }
}
