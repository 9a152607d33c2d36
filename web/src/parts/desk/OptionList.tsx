/** Answers as real radio buttons or check boxes, with the key and the model's hint beside the words. */

import { TextInput } from "@mantine/core";
import { type CSSProperties, useState } from "react";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import styles from "./OptionList.module.css";

export interface Option {
  value: string;
  title: string;
  description: string;
  isChosen: boolean;
  cap: string | null;
  hint: string | null;
}

interface Props {
  kind: "radio" | "checkbox";
  name: string;
  options: readonly Option[];
  describedBy: string | undefined;
  onChoose: (value: string) => void;
}

/** More than this many answers can be narrowed by typing. */
const MANY = 20;

export function OptionList({ kind, name, options, describedBy, onChoose }: Props) {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const shown = wanted
    ? options.filter((option) => option.isChosen || option.title.toLowerCase().includes(wanted))
    : options;
  // Columns as wide as the longest answer, within reason, so that words rarely break.
  const longest = Math.min(28, Math.max(6, ...options.map((option) => option.title.length)));
  const hasLongWords = options.some((option) => option.title.length > 24 || option.description);
  return (
    <>
      {options.length > MANY && (
        <TextInput
          className={styles.filter}
          size="sm"
          aria-label={t("Narrow the answers")}
          placeholder={t("Type to narrow the answers")}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [only, ...others] = shown.filter((option) => !option.isChosen);
            if (event.key === "Enter" && !event.nativeEvent.isComposing) {
              event.preventDefault();
              if (only !== undefined && others.length === 0) {
                onChoose(only.value);
                setFilter("");
              }
            }
          }}
        />
      )}
      <div
        className={hasLongWords ? styles.wide : styles.options}
        style={{ "--longest": longest } as CSSProperties}
      >
        {shown.map((option) => (
          <label key={option.value} className={styles.option} data-chosen={option.isChosen || undefined}>
            <input
              type={kind}
              name={name}
              value={option.value}
              checked={option.isChosen}
              aria-describedby={describedBy}
              onChange={() => onChoose(option.value)}
            />
            {option.cap !== null && <Cap>{option.cap}</Cap>}
            <span className={styles.words}>
              <span dir="auto">{option.title}</span>
              {option.description && <small dir="auto">{option.description}</small>}
            </span>
            <span className={styles.tick} aria-hidden="true">
              {option.isChosen ? "✓" : ""}
            </span>
            {option.hint !== null && <span className={styles.hint}>{option.hint}</span>}
          </label>
        ))}
        {shown.length === 0 && <p>{t("No answer contains “{{filter}}”.", { filter })}</p>}
      </div>
    </>
  );
}
