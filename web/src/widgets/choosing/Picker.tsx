/** One or several of many labels by typing: suggestion and last used on top, arrows and Enter, or the mouse. */

import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Cap } from "../../parts/Cap";
import { t } from "../../words/words";
import { type Choice, found, indexOf, recentIn, withRecent } from "./find";
import styles from "./Picker.module.css";

interface Props {
  /** The question's id on the page. */
  id: string;
  name: string;
  choices: readonly Choice[];
  chosen: readonly string[];
  /** What a label carries beside its words: what the model says. */
  hints: ReadonlyMap<string, string>;
  isMultiple: boolean;
  cap: string | null;
  describedBy: string | undefined;
  onChoose: (value: string) => void;
  /** What stands in place of the list until somebody types, or asks for it by the arrow keys. */
  instead?: ReactNode;
}

/** So many rows are drawn; the last one asks for more. */
const ROWS = 60;

export function findId(id: string): string {
  return `${id}/find`;
}

export function Picker(props: Props) {
  const { id, name, choices, chosen, hints, isMultiple, cap, describedBy, onChoose, instead } = props;
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState<number | null>(null);
  const [rows, setRows] = useState(ROWS);
  const shelf = `labelwright/recent/${id.slice(id.lastIndexOf("/") + 1)}`;
  // As it was when the item came: a list that jumps under the hand helps nobody.
  const [recent] = useState(() => recentIn(read(shelf)));
  const index = useMemo(() => indexOf(choices), [choices]);
  const first = useMemo(() => [...hints.keys(), ...recent], [hints, recent]);
  const all = useMemo(() => found(index, typed, first), [index, typed, first]);
  const shown = all.slice(0, rows);
  const active = at ?? (typed.trim() !== "" && shown.length > 0 ? 0 : null);
  const isOpen = instead === undefined || typed.trim() !== "" || at !== null;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active !== null) {
      list.current?.querySelector(`[data-at="${active}"]`)?.scrollIntoView({ block: "nearest" });
    }
  }, [active]);

  function choose(choice: Choice): void {
    keep(shelf, withRecent(recentIn(read(shelf)), choice.value));
    onChoose(choice.value);
    setTyped("");
    setAt(null);
    setRows(ROWS);
  }

  function move(by: number): void {
    const next = Math.min(all.length - 1, Math.max(0, (active ?? (by > 0 ? -1 : 0)) + by));
    setRows((now) => (next >= now ? next + ROWS : now));
    setAt(all.length > 0 ? next : null);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      const choice = active === null ? undefined : all[active];
      if (choice !== undefined) {
        choose(choice);
      }
      // Done with this question: the next Enter submits. Of several labels there may be more.
      if (choice === undefined || !isMultiple) {
        leave(event.currentTarget);
      }
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (typed === "" && (at === null || instead === undefined)) {
        leave(event.currentTarget);
      }
      setTyped("");
      setAt(null);
    } else if (event.key === "Backspace" && typed === "" && isMultiple) {
      const last = chosen.at(-1);
      if (last !== undefined) {
        onChoose(last);
      }
    }
  }

  const titles = useMemo(() => new Map(choices.map((choice) => [choice.value, choice.title])), [choices]);
  return (
    <div className={styles.picker}>
      <ul className={styles.chosen} aria-label={t("chosen")}>
        {chosen.map((value) => (
          <li key={value}>
            <span dir="auto">{titles.get(value) ?? value}</span>
            {isMultiple && (
              <button
                type="button"
                aria-label={t("remove {{label}}", { label: titles.get(value) ?? value })}
                onClick={() => onChoose(value)}
              >
                ×
              </button>
            )}
          </li>
        ))}
      </ul>
      <div className={styles.typing}>
        {cap !== null && <Cap>{cap}</Cap>}
        <input
          id={findId(id)}
          type="text"
          role="combobox"
          autoComplete="off"
          spellCheck={false}
          aria-label={t("find a label for {{question}}", { question: name })}
          aria-describedby={describedBy}
          aria-expanded={isOpen}
          aria-controls={isOpen ? `${id}/list` : undefined}
          aria-activedescendant={active === null ? undefined : `${id}/at/${active}`}
          aria-autocomplete="list"
          placeholder={t("Type to find one of {{count}} labels", { count: choices.length })}
          dir="auto"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setAt(null);
            setRows(ROWS);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {isOpen ? (
        <div
          ref={list}
          id={`${id}/list`}
          className={styles.list}
          role="listbox"
          tabIndex={-1}
          aria-label={t("labels")}
          aria-multiselectable={isMultiple || undefined}
          onScroll={(event) => {
            const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
            if (scrollTop + clientHeight > scrollHeight - 200 && rows < all.length) {
              setRows(rows + ROWS);
            }
          }}
        >
          {shown.map((choice, place) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys of a list box belong to its text field
            // biome-ignore lint/a11y/useFocusableInteractive: its active option is told by aria-activedescendant
            <div
              key={choice.value}
              id={`${id}/at/${place}`}
              data-at={place}
              className={styles.row}
              role="option"
              aria-selected={chosen.includes(choice.value)}
              data-active={place === active || undefined}
              onClick={() => choose(choice)}
            >
              <span className={styles.tick} aria-hidden="true">
                {chosen.includes(choice.value) ? "✓" : ""}
              </span>
              <span className={styles.words}>
                <span dir="auto">{choice.title}</span>
                {choice.description && <small dir="auto">{choice.description}</small>}
              </span>
              {hints.has(choice.value) ? (
                <span className={styles.hint}>{hints.get(choice.value)}</span>
              ) : (
                typed === "" && recent.includes(choice.value) && <small>{t("used last")}</small>
              )}
            </div>
          ))}
        </div>
      ) : (
        instead
      )}
      <p className={styles.count} role="status">
        {all.length === 0 && t("No label has “{{typed}}”.", { typed })}
        {all.length > 0 && typed.trim() !== "" && t("{{count}} labels fit", { count: all.length })}
      </p>
    </div>
  );
}

/** Back to the item, where single keys work again. */
function leave(field: HTMLElement): void {
  field.blur();
  field.closest<HTMLElement>("article")?.focus({ preventScroll: true });
}

function read(shelf: string): string | null {
  try {
    return window.localStorage.getItem(shelf);
  } catch {
    return null;
  }
}

function keep(shelf: string, recent: readonly string[]): void {
  try {
    window.localStorage.setItem(shelf, JSON.stringify(recent));
  } catch {
    // What was used last is a convenience.
  }
}
