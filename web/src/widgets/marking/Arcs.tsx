import { type RefObject, useEffect, useLayoutEffect, useState } from "react";
import { type Bar, barsOf, type Chip, type DrawnArc, type Line, levelsOf } from "./arcs";
import styles from "./arcs.module.css";
import { LOOKS } from "./lanes";
import looks from "./marking.module.css";

interface Props {
  arcs: readonly DrawnArc[];
  /** What holds the text and scrolls with it. */
  sheet: RefObject<HTMLElement | null>;
  /** Anything that, being another, may have moved the marks. */
  drawnAnew: readonly unknown[];
  startOf: (mark: number) => number;
  numberOf: (mark: number) => string;
  /** The arcs that stand out, by their keys; empty = none does. */
  lit: ReadonlySet<string>;
  onLit: (key: string | null) => void;
  onChoose: (key: string) => void;
}

/** A line's height for each level of arcs, and what lies between the text and the first. */
const LEVEL = 19;
const BASE = 10;
const ROUND = 6;
/** Names of marks whose tops are so near are in one line. */
const SAME_LINE = 9;

interface Picture {
  bars: readonly Bar[];
  /** Where the marks' names begin, by line. */
  tops: readonly number[];
}

const EMPTY: Picture = { bars: [], tops: [] };

/** Arcs above the text, from the name of one mark to that of another. For the eye alone: the list says it in words.
 *
 * Every line that has arcs is given room for them; lines stay where they break, so that the room is known before.
 */
export function Arcs({ arcs, sheet, drawnAnew, startOf, numberOf, lit, onLit, onChoose }: Props) {
  const [picture, setPicture] = useState(EMPTY);
  const resized = useResized(sheet, arcs.length > 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is measured depends on what was drawn
  useLayoutEffect(() => {
    const root = sheet.current;
    if (root !== null) {
      const next = drawnIn(root, arcs, { startOf, numberOf });
      setPicture((now) => (isSame(now, next) ? now : next));
    }
  }, [arcs, sheet, startOf, numberOf, resized, ...drawnAnew]);
  if (picture.bars.length === 0) {
    return null;
  }
  const { bars, tops } = picture;
  const levelAt = ({ line, level }: Bar) => Math.round((tops[line] ?? 0) - BASE - level * LEVEL) + 0.5;
  const look = ({ arc }: Bar) => ({
    "data-look": arc.look % LOOKS,
    "data-suggested": arc.isSuggested || undefined,
    "data-lit": lit.has(arc.key) || undefined,
    "data-dim": (lit.size > 0 && !lit.has(arc.key)) || undefined,
    onPointerEnter: () => onLit(arc.key),
    onPointerLeave: () => onLit(null),
    onClick: () => onChoose(arc.key),
  });
  return (
    <div className={styles.overlay} aria-hidden="true">
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: hidden from those who listen, who have the list */}
      <svg>
        {bars.map((bar) => {
          const path = pathOf(bar, levelAt(bar), tops[bar.line] ?? 0);
          return (
            <g key={keyOf(bar)} className={`${looks.tint} ${styles.arc}`} {...look(bar)}>
              <path className={styles.reach} d={path} />
              <path className={styles.stroke} d={path} />
              <path className={styles.head} d={arrowOf(bar, levelAt(bar), tops[bar.line] ?? 0)} />
            </g>
          );
        })}
      </svg>
      {bars.map((bar) => (
        <span
          key={keyOf(bar)}
          className={`${looks.tint} ${styles.name}`}
          data-arc={bar.arc.key}
          data-named={bar.caption}
          style={{ left: bar.captionAt, top: levelAt(bar) }}
          {...look(bar)}
        />
      ))}
    </div>
  );
}

/** A line that is being pulled from a mark's name. */
export function Pulled({ from, to }: { from: Point; to: Point }) {
  return (
    <div className={styles.overlay} aria-hidden="true">
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: seen by who pulls it */}
      <svg>
        <path className={styles.pulled} d={`M${from.x},${from.y} L${to.x},${to.y}`} />
        <circle className={styles.pulledEnd} cx={to.x} cy={to.y} r={5} />
      </svg>
    </div>
  );
}

export interface Point {
  x: number;
  y: number;
}

function keyOf({ arc, line }: Bar): string {
  return `${arc.key}/${line}`;
}

/** Measure where the names of the marks are, make room above their lines, and say what is to be drawn there. */
function drawnIn(
  root: HTMLElement,
  arcs: readonly DrawnArc[],
  told: Pick<Props, "startOf" | "numberOf">,
): Picture {
  const wanted = new Set(arcs.flatMap(({ from, to }) => [from, to]));
  const flags = [...root.querySelectorAll<HTMLElement>("[data-flag]")];
  const ends = flags.filter((flag) => wanted.has(Number(flag.dataset.flag)));
  const measured = measuredIn(root, ends);
  const bars = barsOf(arcs, { ...measured, ...told, widthOf });
  const levels = levelsOf(bars);
  const rooms = new Map<HTMLElement, string>();
  for (const [line, count] of levels) {
    const flag = ends.find((one) => measured.chips.get(Number(one.dataset.flag))?.line === line);
    if (flag !== undefined) {
      rooms.set(flag, `${count * LEVEL + 4}px`);
    }
  }
  let isMoved = false;
  for (const flag of flags) {
    const room = rooms.get(flag) ?? "";
    if (flag.style.getPropertyValue("--room") !== room) {
      flag.style.setProperty("--room", room);
      isMoved = true;
    }
  }
  return { bars, tops: isMoved ? measuredIn(root, ends).tops : measured.tops };
}

interface Measured {
  chips: ReadonlyMap<number, Chip>;
  lines: readonly Line[];
  tops: readonly number[];
}

function measuredIn(root: HTMLElement, flags: readonly HTMLElement[]): Measured {
  const origin = root.getBoundingClientRect();
  const found = flags.map((flag) => {
    const { left, right, top } = flag.getBoundingClientRect();
    return { flag, left: left - origin.left, right: right - origin.left, top: top - origin.top };
  });
  const chips = new Map<number, Chip>();
  const lines: Line[] = [];
  const tops: number[] = [];
  for (const { flag, left, right, top } of found.toSorted((a, b) => a.top - b.top)) {
    const piece = flag.closest<HTMLElement>("[data-piece]");
    if (tops.length === 0 || top - (tops.at(-1) ?? 0) > SAME_LINE) {
      const isRtl = piece !== null && getComputedStyle(piece).direction === "rtl";
      lines.push({ left: 0, right: origin.width, isRtl });
      tops.push(top);
    }
    chips.set(Number(flag.dataset.flag), { line: lines.length - 1, left, right });
  }
  return { chips, lines, tops };
}

const WIDE = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;
const LONGEST_NAME = 160;

/** How wide a name is drawn, near enough to keep two apart. */
function widthOf(caption: string): number {
  const letters = [...caption].reduce((sum, letter) => sum + (WIDE.test(letter) ? 12 : 6.6), 0);
  return Math.min(LONGEST_NAME, letters + 10);
}

function pathOf({ from, to }: Bar, level: number, top: number): string {
  const side = Math.sign(to.x - from.x) || 1;
  const round = Math.min(ROUND, Math.abs(to.x - from.x) / 2);
  const up = from.isEdge
    ? `M${from.x},${level}`
    : `M${from.x},${top} V${level + round} Q${from.x},${level} ${from.x + side * round},${level}`;
  const down = to.isEdge
    ? `H${to.x}`
    : `H${to.x - side * round} Q${to.x},${level} ${to.x},${level + round} V${top - 3}`;
  return `${up} ${down}`;
}

function arrowOf({ from, to }: Bar, level: number, top: number): string {
  if (!to.isEdge) {
    return `M${to.x - 4},${top - 7} h8 l-4,7 z`;
  }
  const side = Math.sign(to.x - from.x) || 1;
  return `M${to.x - side * 7},${level - 4} v8 l${side * 7},-4 z`;
}

function isSame(a: Picture, b: Picture): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Counts up when the text takes another size: the window was drawn wider, a part came into sight. */
function useResized(sheet: RefObject<HTMLElement | null>, isWatched: boolean): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (!isWatched || sheet.current === null || !("ResizeObserver" in globalThis)) {
      return;
    }
    const observer = new ResizeObserver(() => setCount((before) => before + 1));
    observer.observe(sheet.current);
    return () => observer.disconnect();
  }, [sheet, isWatched]);
  return count;
}
