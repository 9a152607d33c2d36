import { type CSSProperties, type PointerEvent, useEffect, useRef, useState } from "react";
import { type Stage, useStage } from "./stage";
import styles from "./time.module.css";
import { type Extent, lanesOf, placeOf, timeAt } from "./view";

/** A stretch that somebody marked, as it is drawn. */
export interface Mark {
  start: number;
  end: number;
  title: string;
  hue: number;
}

export interface Marking {
  marks: readonly Mark[];
  chosen: number | null;
  /** Where a mark was begun that has no end yet. */
  begun: number | null;
  onChoose(place: number | null): void;
  /** Absent where marks are made elsewhere: the mouse then moves the playhead. */
  onDraw?(from: number, to: number): void;
  onEdge?(place: number, side: "start" | "end", to: number): void;
}

interface Drag {
  from: number;
  to: number;
  edge: { place: number; side: "start" | "end" } | null;
}

/** Fewer pixels are a click. */
const SLIP = 4;

/** What lies over a waveform, a plot or a film's timeline: marks, the playhead, and what the mouse does there. */
export function Overlay({ stage, marking }: { stage: Stage; marking: Marking | null }) {
  const view = useStage(stage, (state) => state.view);
  const [drag, setDrag] = useState<Drag | null>(null);
  const area = useRef<HTMLDivElement>(null);
  useWheel(area, stage);
  const marks = marking?.marks ?? [];
  const lanes = lanesOf(marks);
  const most = Math.max(1, ...lanes.map((lane) => lane + 1));
  return (
    // The keyboard does the same on the stage around it.
    <div
      ref={area}
      className={styles.overlay}
      data-draws={marking?.onDraw !== undefined || undefined}
      onPointerDown={(event) => {
        if (event.button === 0) {
          event.currentTarget.setPointerCapture(event.pointerId);
          const from = timeIn(event, view);
          setDrag({ from, to: from, edge: edgeOf(event.target) });
        }
      }}
      onPointerMove={(event) => {
        if (drag !== null) {
          setDrag({ ...drag, to: timeIn(event, view) });
          if (marking?.onDraw === undefined) {
            stage.seek(timeIn(event, view));
          }
        }
      }}
      onPointerUp={(event) => {
        if (drag === null) {
          return;
        }
        setDrag(null);
        const to = timeIn(event, view);
        const width = event.currentTarget.getBoundingClientRect().width;
        const pixels = (Math.abs(to - drag.from) / (view.to - view.from)) * width;
        if (marking === null || pixels < SLIP) {
          stage.seek(to);
          marking?.onChoose(under(to, shareDown(event), marks, lanes, most));
        } else if (drag.edge !== null) {
          marking.onEdge?.(drag.edge.place, drag.edge.side, to);
        } else {
          marking.onDraw?.(Math.min(drag.from, to), Math.max(drag.from, to));
        }
      }}
      onPointerCancel={() => setDrag(null)}
    >
      {marks.map((mark, place) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: a mark keeps its place while it is changed
          key={place}
          className={styles.mark}
          data-chosen={place === marking?.chosen || undefined}
          style={boxOf(view, stretched(mark, place, drag), lanes[place] ?? 0, most, mark.hue)}
        >
          <span dir="auto">{mark.title}</span>
          {place === marking?.chosen && marking.onEdge && (
            <>
              <i className={styles.edge} data-side="start" data-place={place} />
              <i className={styles.edge} data-side="end" data-place={place} />
            </>
          )}
        </div>
      ))}
      {marking?.onDraw && drag !== null && drag.edge === null && drag.to !== drag.from && (
        <div
          className={styles.mark}
          data-drawn
          style={boxOf(
            view,
            { start: Math.min(drag.from, drag.to), end: Math.max(drag.from, drag.to) },
            0,
            1,
            260,
          )}
        />
      )}
      {marking !== null && marking.begun !== null && (
        <div className={styles.begun} style={{ left: `${placeOf(view, marking.begun)}%` }} />
      )}
      <Playhead stage={stage} view={view} />
    </div>
  );
}

/** Alone, since it moves with every frame. */
function Playhead({ stage, view }: { stage: Stage; view: Extent }) {
  const time = useStage(stage, (state) => state.time);
  return <div className={styles.playhead} style={{ left: `${placeOf(view, time)}%` }} />;
}

function boxOf(
  view: Extent,
  { start, end }: { start: number; end: number },
  lane: number,
  most: number,
  hue: number,
): CSSProperties {
  const left = placeOf(view, start);
  return {
    left: `${left}%`,
    width: `${placeOf(view, end) - left}%`,
    top: `${(lane / most) * 100}%`,
    height: `${100 / most}%`,
    "--hue": hue,
  } as CSSProperties;
}

/** A mark as it will be when the mouse lets go of its edge. */
function stretched(mark: Mark, place: number, drag: Drag | null): { start: number; end: number } {
  if (drag?.edge?.place !== place) {
    return mark;
  }
  return drag.edge.side === "start"
    ? { start: Math.min(drag.to, mark.end), end: mark.end }
    : { start: mark.start, end: Math.max(drag.to, mark.start) };
}

function edgeOf(target: EventTarget): Drag["edge"] {
  const edge = target instanceof HTMLElement ? target.dataset : {};
  const isEdge = edge.side === "start" || edge.side === "end";
  return isEdge ? { place: Number(edge.place), side: edge.side as "start" | "end" } : null;
}

function timeIn(event: PointerEvent<HTMLElement>, view: Extent): number {
  const area = event.currentTarget.getBoundingClientRect();
  return timeAt(view, (event.clientX - area.left) / area.width);
}

function shareDown(event: PointerEvent<HTMLElement>): number {
  const area = event.currentTarget.getBoundingClientRect();
  return (event.clientY - area.top) / area.height;
}

/** The shortest mark at a moment, of those in the lane that was hit. */
function under(
  time: number,
  down: number,
  marks: readonly Mark[],
  lanes: readonly number[],
  most: number,
): number | null {
  const lane = Math.floor(down * most);
  const hit = marks
    .map((mark, place) => ({ ...mark, place }))
    .filter((mark) => mark.start <= time && time <= mark.end && lanes[mark.place] === lane)
    .sort((a, b) => a.end - a.start - (b.end - b.start));
  return hit[0]?.place ?? null;
}

/** The wheel with Ctrl looks closer, sideways it moves; plain, it scrolls the page as everywhere. */
function useWheel(area: React.RefObject<HTMLDivElement | null>, stage: Stage): void {
  useEffect(() => {
    const element = area.current;
    const listener = (event: WheelEvent) => {
      const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
      if (event.ctrlKey) {
        event.preventDefault();
        const about = timeAt(stage.get().view, (event.clientX - box.left) / box.width);
        stage.zoom(event.deltaY > 0 ? 1.25 : 0.8, about);
      } else if (event.deltaX !== 0 || event.shiftKey) {
        event.preventDefault();
        stage.pan((event.deltaX || event.deltaY) / box.width);
      }
    };
    element?.addEventListener("wheel", listener, { passive: false });
    return () => element?.removeEventListener("wheel", listener);
  }, [area, stage]);
}
