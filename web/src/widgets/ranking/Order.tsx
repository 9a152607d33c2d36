/** The order so far: by arrows on its buttons, or dragged by its handles, with a mouse or a finger. */

import { useEffect, useEffectEvent, useRef, useState } from "react";
import { t } from "../../words/words";
import type { Action } from "./logic";
import styles from "./Order.module.css";

interface Props {
  order: readonly string[];
  titles: ReadonlyMap<string, string>;
  dispatch: (action: Action) => void;
}

export function Order({ order, titles, dispatch }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<string | null>(null);

  const onDrag = useEffectEvent((event: PointerEvent) => {
    if (dragged === null || !list.current) {
      return;
    }
    const rows = [...list.current.children].map((row) => row.getBoundingClientRect());
    const from = order.indexOf(dragged);
    // Past the middle of a neighbour it takes its place.
    const to = rows.filter((row, at) => at !== from && event.clientY > row.top + row.height / 2).length;
    if (to !== from) {
      dispatch({ move: dragged, by: to - from });
    }
  });
  useEffect(() => {
    if (dragged === null) {
      return;
    }
    // On the window: the row itself is moved about in the page while it is dragged.
    const stop = new AbortController();
    const { signal } = stop;
    window.addEventListener("pointermove", (event) => onDrag(event), { signal });
    window.addEventListener("pointerup", () => setDragged(null), { signal });
    window.addEventListener("pointercancel", () => setDragged(null), { signal });
    return () => stop.abort();
  }, [dragged]);

  return (
    <ol ref={list} className={styles.order} aria-live="polite" aria-label={t("the order so far")}>
      {order.map((one, place) => {
        const title = titles.get(one) ?? one;
        return (
          <li key={one} data-dragged={one === dragged || undefined}>
            <span
              className={styles.handle}
              aria-hidden="true"
              title={t("drag to move")}
              onPointerDown={(event) => {
                if (event.button === 0) {
                  event.preventDefault();
                  setDragged(one);
                }
              }}
            >
              ⠿
            </span>
            <span className={styles.place}>{place + 1}</span>
            <span className={styles.title} dir="auto">
              {title}
            </span>
            <button
              type="button"
              aria-label={t("{{label}} up", { label: title })}
              disabled={place === 0}
              onClick={() => dispatch({ move: one, by: -1 })}
            >
              ↑
            </button>
            <button
              type="button"
              aria-label={t("{{label}} down", { label: title })}
              disabled={place === order.length - 1}
              onClick={() => dispatch({ move: one, by: 1 })}
            >
              ↓
            </button>
          </li>
        );
      })}
    </ol>
  );
}
