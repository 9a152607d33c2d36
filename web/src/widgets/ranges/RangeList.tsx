import { type CSSProperties, useState } from "react";
import { t } from "../../words/words";
import type { Label } from "../widget";
import { hueOf } from "./hues";
import { type Action, type Draft, inOrder, type Range, type Settings } from "./logic";
import styles from "./ranges.module.css";

interface Props {
  draft: Draft;
  settings: Settings;
  labels: readonly Label[];
  dispatch: (action: Action) => void;
  /** Go there and play it. */
  onPlay: ((range: Range) => void) | null;
}

/** Every range as a row, with its edges as figures: all that the timeline shows, for keys and for ears. */
export function RangeList({ draft, settings, labels, dispatch, onPlay }: Props) {
  const { ranges, chosen } = draft;
  if (ranges.length === 0) {
    return null;
  }
  return (
    <ol className={styles.list} aria-label={t("Marked ranges")}>
      {inOrder(ranges).map((place, row) => {
        const range = ranges[place] as Range;
        const title = labels.find((label) => label.value === range.label)?.title ?? range.label;
        const number = row + 1;
        return (
          <li key={place} className={styles.row} data-chosen={place === chosen || undefined}>
            <button
              type="button"
              className={styles.chip}
              aria-pressed={place === chosen}
              aria-label={t("Range {{number}}: {{title}}", { number, title })}
              style={{ "--hue": hueOf(labels, range.label) } as CSSProperties}
              onClick={() => dispatch({ choose: place === chosen ? null : place })}
            >
              <span dir="auto">{title}</span>
            </button>
            <Edge place={place} side="start" range={range} number={number} dispatch={dispatch} />
            <span aria-hidden="true">–</span>
            <Edge place={place} side="end" range={range} number={number} dispatch={dispatch} />
            {onPlay && (
              <button
                type="button"
                className={styles.small}
                aria-label={t("Play range {{number}}", { number })}
                onClick={() => onPlay(range)}
              >
                ▶
              </button>
            )}
            <button
              type="button"
              className={styles.small}
              aria-label={t("Remove range {{number}}", { number })}
              onClick={() => dispatch({ remove: place })}
            >
              ✕
            </button>
            {settings.transcript && settings.transcript !== "none" && (
              <textarea
                className={styles.text}
                rows={1}
                dir="auto"
                maxLength={10_000}
                aria-label={t("What is said in range {{number}}", { number })}
                placeholder={t("What is said")}
                value={range.text ?? ""}
                onFocus={() => place !== chosen && dispatch({ choose: place })}
                onChange={(event) => dispatch({ text: event.currentTarget.value, of: place })}
                onKeyDown={(event) => {
                  if (
                    event.key === "Enter" &&
                    (event.ctrlKey || event.metaKey) &&
                    !event.nativeEvent.isComposing
                  ) {
                    event.preventDefault();
                    event.currentTarget.form?.requestSubmit();
                  } else if (event.key === "Escape") {
                    event.currentTarget.blur();
                  }
                }}
              />
            )}
          </li>
        );
      })}
    </ol>
  );
}

interface EdgeProps {
  place: number;
  side: "start" | "end";
  range: Range;
  number: number;
  dispatch: (action: Action) => void;
}

/** A figure is taken when it is whole: on Enter, or when the focus leaves. */
function Edge({ place, side, range, number, dispatch }: EdgeProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const take = () => {
    const to = Number(typed);
    if (typed !== null && typed.trim() !== "" && Number.isFinite(to)) {
      dispatch({ edge: side, of: place, to });
    }
    setTyped(null);
  };
  return (
    <input
      className={styles.edge}
      inputMode="decimal"
      type="text"
      aria-label={
        side === "start" ? t("Range {{number}} begins", { number }) : t("Range {{number}} ends", { number })
      }
      value={typed ?? String(range[side])}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter" && typed !== null) {
          event.preventDefault();
          take();
        }
      }}
    />
  );
}
