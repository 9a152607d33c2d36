import { TextInput } from "@mantine/core";
import { useState } from "react";
import { OptionList } from "../../parts/desk/OptionList";
import type { RenderProps } from "../widget";
import styles from "../widgets.module.css";
import { type Action, type Fact, type Field, optionsOf, type Settings, titleOf, type Value } from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const suggested = suggestion?.value as Value | undefined;
  let place = 0;
  return (
    <>
      {settings.fields.map((field) => {
        const options = optionsOf(field);
        const own = caps.slice(place, place + options.length);
        place += options.length;
        const hint = suggested?.[field.name];
        return (
          <div key={field.name} className={styles.field}>
            <p className={styles.name} dir="auto">
              {titleOf(field)}
              {field.description && <small>{field.description}</small>}
              {hint !== undefined && <small>suggested: {hint === null ? "not stated" : String(hint)}</small>}
            </p>
            {options.length > 0 ? (
              <OptionList
                kind="radio"
                name={`${id}/${field.name}`}
                describedBy={describedBy}
                options={options.map(({ fact, title }, at) => ({
                  value: String(fact),
                  title,
                  description: "",
                  isChosen: value?.[field.name] === fact,
                  cap: own[at] ?? null,
                  hint: null,
                }))}
                onChoose={(chosen) => {
                  const option = options.find(({ fact }) => String(fact) === chosen);
                  dispatch({ fill: field.name, to: option?.fact });
                }}
              />
            ) : (
              <Written
                field={field}
                fact={value?.[field.name]}
                describedBy={describedBy}
                onFill={(to) => dispatch({ fill: field.name, to })}
              />
            )}
            {!field.required && (
              <label className={styles.tick}>
                <input
                  type="checkbox"
                  checked={value?.[field.name] === null}
                  onChange={(event) =>
                    dispatch({ fill: field.name, to: event.currentTarget.checked ? null : undefined })
                  }
                />
                not stated
              </label>
            )}
          </div>
        );
      })}
      {settings.fields.some((field) => !field.required) && (
        <button type="button" className={styles.plain} onClick={() => dispatch({ rest: true })}>
          {caps[place] && <kbd>{caps[place]}</kbd>} the rest is not stated
        </button>
      )}
    </>
  );
}

interface WrittenProps {
  field: Field;
  fact: Fact | undefined;
  describedBy: string | undefined;
  onFill: (to: Fact | undefined) => void;
}

/** A field one writes in. It keeps what was typed: "3." is on its way to being a number. */
function Written({ field, fact, describedBy, onFill }: WrittenProps) {
  const shown = fact === undefined || fact === null ? "" : String(fact);
  const [typed, setTyped] = useState(shown);
  const isOwn = readAs(field, typed) === (fact ?? undefined);
  return (
    <TextInput
      aria-label={titleOf(field)}
      aria-describedby={describedBy}
      dir="auto"
      inputMode={field.type === "number" ? "decimal" : "text"}
      placeholder={field.type === "date" ? "YYYY-MM-DD" : undefined}
      value={isOwn ? typed : shown}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onFill(readAs(field, event.currentTarget.value));
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.currentTarget.blur();
        }
      }}
    />
  );
}

function readAs(field: Field, typed: string): Fact | undefined {
  if (typed === "") {
    return undefined;
  }
  const number = Number(typed.replace(",", "."));
  return field.type === "number" && typed.trim() !== "" && Number.isFinite(number) ? number : typed;
}
