import { useMemo } from "react";
import { Cap } from "../../parts/Cap";
import { OptionList } from "../../parts/desk/OptionList";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import { t } from "../../words/words";
import { isSearched } from "../choosing/isSearched";
import { Picker } from "../choosing/Picker";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import { Cards } from "./Cards";
import { chosenIn, deckOf, isCards, openCards } from "./deck";
import type { Action, Settings, Value } from "./logic";

/** Not a label anybody can define: labels are never empty. */
const NONE = "";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, suggestion, caps, describedBy, dispatch } = props;
  const all = useMemo(() => labelsOf(settings), [settings]);
  const deck = isCards(settings) ? deckOf(props.value, settings, suggestion?.value) : null;
  const open = deck === null ? [] : openCards(deck);
  // What is on a card, or will be, is decided there.
  const labels = deck === null ? all : all.filter((label) => !open.includes(label.value));
  const value = deck === null ? (props.value as readonly string[] | null) : [...chosenIn(deck)];
  const isNone = value?.length === 0 && (deck === null || open.length === 0);
  const suggested = Array.isArray(suggestion?.value) ? (suggestion.value as unknown[]) : null;
  // The probability belongs to the whole set, so only one chip carries it.
  const words = (isFirst: boolean) =>
    isFirst ? suggestedWords(suggestion?.probability ?? null) : t("suggested");
  const firstSuggested = labels.find((label) => suggested?.includes(label.value))?.value;
  const hints = useMemo(() => {
    const values = Array.isArray(suggestion?.value) ? (suggestion.value as unknown[]) : [];
    const beside = (at: number) =>
      at === 0 ? suggestedWords(suggestion?.probability ?? null) : t("suggested");
    return new Map(values.map((one, at) => [String(one), beside(at)] as const));
  }, [suggestion]);
  const card = deck && <Cards {...props} rejectCap={caps.at(-1) ?? null} />;
  if (isSearched(settings)) {
    return (
      <>
        {card}
        <Picker
          id={id}
          name={props.title}
          choices={labels}
          chosen={value ?? []}
          hints={hints}
          isMultiple={true}
          cap={caps[0] ?? null}
          describedBy={describedBy}
          onChoose={(chosen) => dispatch({ toggle: chosen })}
        />
        <button
          type="button"
          className={styles.plain}
          aria-pressed={isNone}
          data-chosen={isNone || undefined}
          onClick={() => dispatch({ none: true })}
        >
          {caps[1] && <Cap>{caps[1]}</Cap>} {t("none of these")}
          {suggested?.length === 0 && ` · ${words(true)}`}
        </button>
      </>
    );
  }
  return (
    <>
      {card}
      <OptionList
        kind="checkbox"
        name={id}
        describedBy={describedBy}
        options={[
          ...labels.map((label) => ({
            ...label,
            isChosen: value?.includes(label.value) ?? false,
            cap: caps[all.indexOf(label)] ?? null,
            // A card has said so.
            hint:
              deck === null && suggested?.includes(label.value)
                ? words(label.value === firstSuggested)
                : null,
          })),
          {
            value: NONE,
            title: t("none of these"),
            description: "",
            isChosen: isNone,
            cap: caps[all.length] ?? null,
            hint: deck === null && suggested?.length === 0 ? words(true) : null,
          },
        ]}
        onChoose={(chosen) => dispatch(chosen === NONE ? { none: true } : { toggle: chosen })}
      />
    </>
  );
}
