import { type PointerEvent, useState } from "react";
import { MarkButtons } from "../marking/MarkButtons";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import {
  type Action,
  describe,
  draftOf,
  type Frame,
  imageOf,
  keys,
  pressed,
  type Settings,
  type Value,
} from "./logic";

interface Point {
  x: number;
  y: number;
}

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const [from, setFrom] = useState<Point | null>(null);
  const [to, setTo] = useState<Point | null>(null);
  const [isBroken, setBroken] = useState(false);
  const image = imageOf(settings, item);
  if (image === null || isBroken) {
    return (
      <p className={styles.hint} role="alert">
        The image of this item cannot be shown here: it must be in one field, as a data URL or a path of this
        server. Skip it, and tell whoever leads the project.
      </p>
    );
  }
  const { boxes, chosen, brush, isAnswered } = draftOf(value, settings);
  const titles = new Map(labelsOf(settings).map((label) => [label.value, label.title]));
  const drawn = from && to ? frameOf(from, to) : null;
  return (
    <>
      <div
        className={styles.canvas}
        role="application"
        aria-label="the image to draw boxes in"
        aria-describedby={describedBy}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys change the chosen box here
        tabIndex={0}
        onKeyDown={(event) => {
          const action = event.ctrlKey || event.metaKey ? null : pressed(event);
          if (action !== null) {
            event.preventDefault();
            dispatch(action);
          }
        }}
        onPointerDown={(event) => {
          if (event.button === 0) {
            event.currentTarget.setPointerCapture(event.pointerId);
            setFrom(pointIn(event));
            setTo(null);
          }
        }}
        onPointerMove={(event) => from && setTo(pointIn(event))}
        onPointerUp={(event) => {
          if (from !== null) {
            const frame = frameOf(from, pointIn(event));
            if (frame.width > 0.005 && frame.height > 0.005) {
              dispatch({ draw: frame });
            } else {
              dispatch({ choose: under(from, boxes) });
            }
          }
          setFrom(null);
          setTo(null);
        }}
        onPointerCancel={() => setFrom(null)}
      >
        <img src={image} alt="" draggable={false} onError={() => setBroken(true)} />
        {boxes.map((box, at) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a box keeps its place while it is changed
            key={at}
            className={styles.box}
            data-chosen={at === chosen || undefined}
            style={placed(box)}
          >
            {titles.get(box.label) ?? box.label}
          </span>
        ))}
        {drawn && <span className={styles.box} style={placed(drawn)} />}
      </div>
      <MarkButtons
        bindings={keys(settings)}
        caps={caps}
        isChosen={(action) =>
          ("nothing" in action && isAnswered && boxes.length === 0) ||
          ("label" in action && action.label === (brush ?? labelsOf(settings)[0]?.value))
        }
        dispatch={dispatch}
      />
      <p className="for-ears" role="status">
        {describe(value, settings)}
      </p>
      <p className={styles.hint}>
        Draw with the mouse, or add a box by its key and focus the image with Tab: the arrow keys move the
        chosen box, with Shift they set its size, Alt makes the steps fine.
        {suggestion && <> Suggested: {describe(suggestion.value as Value, settings)}.</>}
      </p>
    </>
  );
}

function pointIn(event: PointerEvent<HTMLElement>): Point {
  const area = event.currentTarget.getBoundingClientRect();
  return { x: (event.clientX - area.left) / area.width, y: (event.clientY - area.top) / area.height };
}

function frameOf(a: Point, b: Point): Frame {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

/** The smallest box at a point, so that one inside another can be chosen. */
function under({ x, y }: Point, boxes: readonly Frame[]): number | null {
  const hit = boxes
    .map((box, at) => ({ ...box, at }))
    .filter((box) => box.x <= x && x <= box.x + box.width && box.y <= y && y <= box.y + box.height)
    .sort((a, b) => a.width * a.height - b.width * b.height);
  return hit[0]?.at ?? null;
}

function placed({ x, y, width, height }: Frame) {
  return { left: `${x * 100}%`, top: `${y * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` };
}
