import { TextInput } from "@mantine/core";
import { useEffect, useId, useRef, useState } from "react";
import { t } from "../../words/words";
import type { StatedLabel } from "../widget";
import { labelsOf } from "../widget";
import { found } from "./find";
import styles from "./marking.module.css";

interface Props {
  labels: readonly StatedLabel[];
  /** A key asked for it: it takes the focus. */
  isAsked: boolean;
  onPick: (label: string) => void;
  /** The typing is over, with a label or without. */
  onClose: () => void;
}

const SHOWN = 12;

/** Find a label among many by typing the beginning of any of its words; Enter takes the one that stands out. */
export function LabelPicker({ labels, isAsked, onPick, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (isAsked) {
      field.current?.focus();
    }
  }, [isAsked]);
  const isOpen = isAsked || typed !== "";
  const fitting = isOpen ? found(labelsOf({ labels }), typed) : [];
  const shown = fitting.slice(0, SHOWN);
  const chosen = shown[Math.min(at, shown.length - 1)];

  function close(): void {
    setTyped("");
    setAt(0);
    onClose();
  }

  function pick(label: string): void {
    onPick(label);
    close();
  }

  return (
    <div className={styles.picker}>
      <TextInput
        ref={field}
        size="sm"
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}/labels`}
        aria-activedescendant={chosen ? `${id}/${chosen.value}` : undefined}
        aria-label={t("Find a label by its name")}
        placeholder={t("Type to find one of {{count}} labels", { count: labels.length })}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onBlur={() => isAsked && onClose()}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) {
            return;
          }
          const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (step !== 0) {
            setAt((at + step + shown.length) % Math.max(1, shown.length));
          } else if (event.key === "Enter" && chosen) {
            pick(chosen.value);
          } else if (event.key === "Escape") {
            close();
          } else {
            return;
          }
          event.preventDefault();
        }}
      />
      {isOpen && (
        <div className={styles.found} role="listbox" id={`${id}/labels`} aria-label={t("labels")}>
          {shown.map((label) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the field's, which has the focus
            <div
              key={label.value}
              id={`${id}/${label.value}`}
              role="option"
              aria-selected={label === chosen}
              tabIndex={-1}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(label.value)}
            >
              <span dir="auto">{label.title}</span>
              {label.description && <small dir="auto">{label.description}</small>}
            </div>
          ))}
          {shown.length === 0 && (
            <div role="option" aria-selected={false} aria-disabled="true" tabIndex={-1}>
              {t("No label has “{{typed}}”.", { typed })}
            </div>
          )}
        </div>
      )}
      {fitting.length > shown.length && (
        <p className="for-ears" role="status">
          {t("{{count}} more", { count: fitting.length - shown.length })}
        </p>
      )}
    </div>
  );
}
