import { Cap } from "../../parts/Cap";
import { OptionList } from "../../parts/desk/OptionList";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import { t } from "../../words/words";
import type { RenderProps } from "../widget";
import shared from "../widgets.module.css";
import {
  type Action,
  criteriaOf,
  givenOf,
  isSame,
  nextOf,
  type Settings,
  scaleOf,
  type Value,
} from "./logic";
import { Scale } from "./Scale";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, title, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const scale = scaleOf(settings);
  const criteria = criteriaOf(settings);
  const hint = suggestedWords(suggestion?.probability ?? null);
  if (criteria.length > 0) {
    const given = givenOf(value);
    const suggested = givenOf((suggestion?.value as Value | undefined) ?? null);
    const next = nextOf(value, settings);
    const anewCap = caps[scale.length];
    return (
      <>
        {criteria.map((criterion, at) => (
          <Scale
            key={criterion.value}
            name={`${id}/${at}`}
            title={criterion.title}
            description={criterion.description}
            scale={scale}
            value={given[criterion.value] ?? null}
            suggested={suggested[criterion.value] ?? null}
            // The probability belongs to all of them together, so only one carries it.
            hint={at === 0 ? hint : t("suggested")}
            caps={criterion.value === next ? caps : null}
            describedBy={describedBy}
            onPrefer={(prefer) => dispatch({ prefer, of: criterion.value })}
          />
        ))}
        <button
          type="button"
          className={shared.plain}
          disabled={value === null}
          onClick={() => dispatch({ anew: true })}
        >
          {anewCap && <Cap>{anewCap}</Cap>} {t("begin the criteria anew")}
        </button>
      </>
    );
  }
  if ((settings.strengths ?? []).length > 0) {
    return (
      <Scale
        name={id}
        title={title}
        isTitled={false}
        description=""
        scale={scale}
        value={value}
        suggested={suggestion?.value ?? null}
        hint={hint}
        caps={caps}
        describedBy={describedBy}
        onPrefer={(prefer) => dispatch({ prefer })}
      />
    );
  }
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
        hint: suggestion && isSame(suggestion.value, degree) ? hint : null,
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
