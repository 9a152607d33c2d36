import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Cap } from "../../parts/Cap";
import { suggestedWords } from "../../parts/desk/suggestedWords";
import { t } from "../../words/words";
import { Picker } from "../choosing/Picker";
import type { RenderProps } from "../widget";
import {
  type Action,
  answersOf,
  columnsOf,
  hasLevels,
  type Place,
  type Settings,
  titlesOf,
  type Value,
} from "./logic";
import styles from "./taxonomy.module.css";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const [findCap = null, browseCap = null] = caps;
  const choices = useMemo(() => answersOf(settings), [settings]);
  const hints = useMemo(
    () =>
      new Map(
        suggestion
          ? [[JSON.stringify(suggestion.value), suggestedWords(suggestion.probability)] as const]
          : [],
      ),
    [suggestion],
  );
  const suggested = choices.find((choice) => hints.has(choice.value));
  const tree = hasLevels(settings) && (
    <>
      {suggested && (
        <button
          type="button"
          className={styles.suggested}
          aria-pressed={suggested.value === JSON.stringify(value)}
          onClick={() => dispatch({ choose: JSON.parse(suggested.value) as string[] })}
        >
          <span dir="auto">{suggested.title}</span> <em>{hints.get(suggested.value)}</em>
        </button>
      )}
      <Browser
        id={id}
        settings={settings}
        value={value}
        cap={browseCap}
        onChoose={(path) => dispatch({ choose: path })}
      />
    </>
  );
  return (
    <Picker
      id={id}
      name={props.title}
      choices={choices}
      chosen={value ? [JSON.stringify(value)] : []}
      hints={hints}
      isMultiple={false}
      cap={findCap}
      describedBy={describedBy}
      onChoose={(path) => dispatch({ choose: JSON.parse(path) as string[] })}
      instead={tree || undefined}
    />
  );
}

interface BrowserProps {
  id: string;
  settings: Settings;
  value: Value;
  cap: string | null;
  onChoose: (path: readonly string[]) => void;
}

/** The tree as columns, a level each: arrows up and down within one, left and right between them, Enter chooses. */
function Browser({ id, settings, value, cap, onChoose }: BrowserProps) {
  const [walked, setWalked] = useState<readonly string[] | null>(null);
  const at = walked ?? value ?? [];
  const columns = columnsOf(settings, at);
  const box = useRef<HTMLElement>(null);

  function goTo(path: readonly string[]): void {
    // Its column may be drawn only now, and the next arrow may come at once: no frame is waited for.
    flushSync(() => setWalked(path));
    const target = JSON.stringify(path);
    const buttons = box.current?.querySelectorAll<HTMLElement>("[data-place]") ?? [];
    [...buttons].find((button) => button.dataset.place === target)?.focus();
  }

  function onKeyDown(event: KeyboardEvent, place: Place, level: number): void {
    const column = columns[level] ?? [];
    const here = column.indexOf(place);
    const isBackward = document.dir === "rtl";
    const towards = {
      ArrowDown: column[here + 1]?.path,
      ArrowUp: column[here - 1]?.path,
      [isBackward ? "ArrowLeft" : "ArrowRight"]: place.children[0]?.path,
      [isBackward ? "ArrowRight" : "ArrowLeft"]: level > 0 ? place.path.slice(0, -1) : undefined,
      Home: column[0]?.path,
      End: column.at(-1)?.path,
    }[event.key];
    if (/^(Arrow|Home|End)/.test(event.key)) {
      event.preventDefault();
      if (towards) {
        goTo(towards);
      }
    }
  }

  function choose(place: Place): void {
    setWalked(place.path);
    if (place.isAnswer) {
      onChoose(place.path);
    }
  }

  return (
    <section ref={box} className={styles.browser} aria-label={t("the tree, level by level")}>
      <p className={styles.trail}>
        {cap !== null && <Cap>{cap}</Cap>}{" "}
        {at.length > 0 ? (
          <span dir="auto">{titlesOf(settings, at).join(" › ")}</span>
        ) : (
          t("go through the tree")
        )}
      </p>
      <div className={styles.columns}>
        {columns.map((column, level) => {
          const open = at[level];
          const entry = column.find((place) => place.path.at(-1) === open) ?? column[0];
          return (
            <ul
              key={column[0]?.path.slice(0, -1).join("\u0000") ?? ""}
              aria-label={t("level {{level}}", { level: level + 1 })}
            >
              {column.map((place) => (
                <li key={place.path.at(-1)}>
                  <button
                    type="button"
                    id={level === 0 && place === entry ? `${id}/browse` : undefined}
                    data-place={JSON.stringify(place.path)}
                    tabIndex={place === entry ? 0 : -1}
                    aria-pressed={JSON.stringify(place.path) === JSON.stringify(value)}
                    aria-expanded={place.children.length > 0 ? place.path.at(-1) === open : undefined}
                    data-open={place.path.at(-1) === open || undefined}
                    title={place.description || undefined}
                    onClick={() => choose(place)}
                    onKeyDown={(event) => onKeyDown(event, place, level)}
                  >
                    <span dir="auto">{place.title}</span>
                    <span aria-hidden="true">{place.children.length > 0 ? "›" : ""}</span>
                  </button>
                </li>
              ))}
            </ul>
          );
        })}
      </div>
    </section>
  );
}
