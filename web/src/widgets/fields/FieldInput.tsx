import { TextInput } from "@mantine/core";
import { useState } from "react";
import { OptionList } from "../../parts/desk/OptionList";
import { t } from "../../words/words";
import { type Fact, type Field, optionsOf, type Plain, titleOf } from "./logic";

/** Mantine would put its own description in place of ours, which stands beside the field. */
export const OWN_DESCRIPTION = { withAria: false };

interface Props {
  /** Unique on the page. */
  name: string;
  field: Field;
  fact: Fact | undefined;
  caps: readonly (string | null)[];
  /** The id of the element that says what is wrong with it, when something is. */
  describedBy: string | undefined;
  onFill: (to: Plain | undefined) => void;
}

/** What one writes in or chooses among: one field of a form or of a record. */
export function FieldInput({ name, field, fact, caps, describedBy, onFill }: Props) {
  const options = optionsOf(field);
  return options.length > 0 ? (
    <OptionList
      kind="radio"
      name={name}
      describedBy={describedBy}
      options={options.map((option, at) => ({
        value: String(option.fact),
        title: option.title,
        description: "",
        isChosen: fact === option.fact,
        cap: caps[at] ?? null,
        hint: null,
      }))}
      onChoose={(chosen) => onFill(options.find((option) => String(option.fact) === chosen)?.fact)}
    />
  ) : (
    <Written field={field} fact={fact} describedBy={describedBy} onFill={onFill} />
  );
}

/** A field one writes in. It keeps what was typed: "3." is on its way to being a number. */
function Written({ field, fact, describedBy, onFill }: Omit<Props, "name" | "caps">) {
  const shown = fact === undefined || fact === null ? "" : String(fact);
  const [typed, setTyped] = useState(shown);
  const isOwn = readAs(field, typed) === (fact ?? undefined);
  return (
    <TextInput
      {...OWN_DESCRIPTION}
      aria-label={titleOf(field)}
      aria-describedby={describedBy}
      aria-invalid={describedBy !== undefined}
      aria-required={field.required}
      dir="auto"
      inputMode={field.type === "number" ? "decimal" : "text"}
      placeholder={field.type === "date" ? t("YYYY-MM-DD") : undefined}
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

function readAs(field: Field, typed: string): Plain | undefined {
  if (typed === "") {
    return undefined;
  }
  const number = Number(typed.replace(",", "."));
  return field.type === "number" && typed.trim() !== "" && Number.isFinite(number) ? number : typed;
}
