import { type CSSProperties, type PointerEvent, useState } from "react";
import { frameAt } from "../../contents/time/keys";
import { type Stage, useStage } from "../../contents/time/stage";
import { type Frame, frameOf } from "../imaging/frame";
import { hueOf } from "../ranges/hues";
import type { Label } from "../widget";
import { type Action, boxAt, type Draft, nearestBox } from "./logic";
import styles from "./tracks.module.css";

interface Props {
  stage: Stage;
  fps: number;
  draft: Draft;
  labels: readonly Label[];
  dispatch: (action: Action) => void;
}
interface Point {
  x: number;
  y: number;
}
/** moves: the chosen box goes with the mouse. */
interface Drag {
  from: Point;
  to: Point;
  moves: boolean;
}

const SLIP = 0.01;

/** The boxes of a film where they are now, also while it plays, and what the mouse does to them. */
export function Picture({ stage, fps, draft, labels, dispatch }: Props) {
  const at = useStage(stage, (state) => frameAt(state.time, fps));
  const [drag, setDrag] = useState<Drag | null>(null);
  const { tracks, chosen } = draft;
  const track = chosen === null ? undefined : tracks[chosen];
  const titles = new Map(labels.map((label) => [label.value, label.title]));
  const boxes = tracks.map((one) => boxAt(one, at));
  const ghost = track && boxAt(track, at) === null ? nearestBox(track, at) : null;
  const by: readonly [number, number] = drag?.moves
    ? [drag.to.x - drag.from.x, drag.to.y - drag.from.y]
    : [0, 0];
  return (
    // The keyboard does the same on the stage around it.
    <div
      className={styles.picture}
      data-testid="picture"
      onPointerDown={(event) => {
        if (event.button === 0) {
          event.currentTarget.setPointerCapture(event.pointerId);
          stage.pause();
          const from = pointIn(event);
          const held = chosen === null ? null : (boxes[chosen] ?? ghost);
          setDrag({ from, to: from, moves: held != null && isIn(from, held) });
        }
      }}
      onPointerMove={(event) => drag && setDrag({ ...drag, to: pointIn(event) })}
      onPointerUp={(event) => {
        if (drag === null) {
          return;
        }
        setDrag(null);
        const to = pointIn(event);
        const [dx, dy] = [to.x - drag.from.x, to.y - drag.from.y];
        if (Math.abs(dx) < SLIP && Math.abs(dy) < SLIP) {
          dispatch({ choose: under(to, boxes) });
        } else if (drag.moves) {
          dispatch({ move: [dx, dy], at });
        } else {
          dispatch({ draw: frameOf(drag.from, to), at });
        }
      }}
      onPointerCancel={() => setDrag(null)}
    >
      {boxes.map((box, place) => {
        const one = tracks[place];
        return (
          box &&
          one && (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: a track keeps its place while it is changed
              key={place}
              className={styles.box}
              data-chosen={place === chosen || undefined}
              style={placed(box, hueOf(labels, one.label), place === chosen ? by : [0, 0])}
            >
              <b dir="auto">{titles.get(one.label) ?? one.label}</b>
            </span>
          )
        );
      })}
      {ghost && track && (
        <span className={styles.box} data-ghost style={placed(ghost, hueOf(labels, track.label), by)} />
      )}
      {drag && !drag.moves && (
        <span className={styles.box} data-ghost style={placed(frameOf(drag.from, drag.to), 260)} />
      )}
    </div>
  );
}

function placed(
  { x, y, width, height }: Frame,
  hue: number,
  by: readonly [number, number] = [0, 0],
): CSSProperties {
  return {
    left: `${(x + by[0]) * 100}%`,
    top: `${(y + by[1]) * 100}%`,
    width: `${width * 100}%`,
    height: `${height * 100}%`,
    "--hue": hue,
  } as CSSProperties;
}

function pointIn(event: PointerEvent<HTMLElement>): Point {
  const area = event.currentTarget.getBoundingClientRect();
  return { x: (event.clientX - area.left) / area.width, y: (event.clientY - area.top) / area.height };
}

function isIn({ x, y }: Point, box: Frame): boolean {
  return box.x <= x && x <= box.x + box.width && box.y <= y && y <= box.y + box.height;
}

/** The smallest box at a point, so that one inside another can be chosen. */
function under(point: Point, boxes: readonly (Frame | null)[]): number | null {
  const hit = boxes
    .flatMap((box, place) => (box && isIn(point, box) ? [{ place, area: box.width * box.height }] : []))
    .sort((a, b) => a.area - b.area);
  return hit[0]?.place ?? null;
}
