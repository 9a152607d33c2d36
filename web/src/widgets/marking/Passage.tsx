import {
  type ClipboardEvent,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Utf16Units } from "../../domain/offsets";
import { t } from "../../words/words";
import { Arcs, Pulled } from "./Arcs";
import type { DrawnArc } from "./arcs";
import { unitsAt } from "./caret";
import { type Laid, laidOver, type Marks } from "./lanes";
import styles from "./marking.module.css";
import { isAt, type Place, type Range } from "./marks";
import { PieceOfText } from "./PieceOfText";
import { useDrag } from "./useDrag";
import { useNear } from "./useNear";
import { moved, type Press, textAt, type Words, wordsAtHand } from "./words";

interface Props {
  text: string;
  /** What is marked, then what is suggested. */
  marks: Marks;
  selection: Place | null;
  isFine?: boolean;
  /** The place of the mark that stands out. */
  head?: number | null;
  /** The place of the mark that another piece would be added to. */
  growing?: number | null;
  describedBy: string | undefined;
  onSelect: (selection: Place | null) => void;
  /** The selection, and the marks that are exactly it, take another place. */
  onReach: (place: Range) => void;
  /** Selected with Ctrl or ⌘ held; absent where marks are of one piece. */
  onPiece?: ((piece: Range) => void) | undefined;
  /** A line was pulled from one mark to another. */
  onLink?: (from: number, to: number) => void;
  /** What joins marks. */
  arcs?: readonly DrawnArc[];
  /** The arc that stands out, by its key. */
  litArc?: string | null;
  onLitArc?: (key: string | null) => void;
  onChooseArc?: (key: string) => void;
}

const NONE: readonly never[] = [];
const ignored = () => {};

/** A text whose parts are selected by mouse, by taps, or by the arrow keys once it has the focus.
 *
 * All of its text is in the document, so that the browser finds in it; marks are drawn only near what is in sight.
 */
export function Passage(props: Props) {
  const {
    text,
    marks,
    selection,
    isFine = false,
    head = null,
    growing = null,
    describedBy,
    onSelect,
    onReach,
    onPiece,
    onLink,
    arcs = NONE,
    litArc = null,
    onLitArc = ignored,
    onChooseArc = ignored,
  } = props;
  const words = useMemo(() => wordsAtHand(text), [text]);
  const root = useRef<HTMLDivElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const [pointedAt, setPointedAt] = useState<number | null>(null);
  const startOf = useCallback((mark: number) => marks.at(mark)?.start ?? 0, [marks]);
  const numberOf = useCallback(
    (mark: number) => (marks.at(mark)?.isSuggested ? "" : String(mark + 1)),
    [marks],
  );
  const near = useNear(root, words.pieces.length);
  const lanes = useMemo(
    () =>
      words.pieces.map((piece, number): readonly Laid[] =>
        near === null || near.has(number) ? laidOver(marks, piece) : NONE,
      ),
    [marks, words, near],
  );
  const { held, linkFrom, pull, handlers } = useDrag({
    words,
    marks,
    selection,
    isFine,
    onSelect,
    onReach,
    onPiece,
    onLink,
  });
  const shown = held ?? selection;
  useInSight(root, selection);

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.ctrlKey || event.metaKey) {
      return;
    }
    const next =
      event.key === "ArrowUp" || event.key === "ArrowDown"
        ? lineMoved(event.currentTarget, words, event.key === "ArrowDown" ? 1 : -1)
        : moved(words, selection, asRead(event), { isFine, from: firstInSight(event.currentTarget, words) });
    if (next === undefined) {
      return;
    }
    event.preventDefault();
    if (event.altKey && next !== null && marks.where((mark) => isAt(mark, selection)).length > 0) {
      onReach(next);
    } else {
      onSelect(next);
    }
  }

  function onCopy(event: ClipboardEvent): void {
    if (selection !== null && (window.getSelection()?.isCollapsed ?? true)) {
      event.clipboardData.setData("text/plain", textAt(words, selection));
      event.preventDefault();
    }
  }

  const of = shown === null ? "" : textAt(words, shown, 200);
  const chosen = shown === null ? NONE : marks.where((mark) => isAt(mark, shown));
  const labels = chosen.map((place) => marks.at(place)?.caption ?? "");
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a text field cannot show marks inside its text */}
      <div
        ref={root}
        className={styles.passage}
        role="textbox"
        aria-multiline="true"
        aria-readonly="true"
        aria-label={t("the text to mark")}
        aria-describedby={describedBy}
        tabIndex={0}
        dir="auto"
        data-linking={linkFrom !== null || undefined}
        onKeyDown={onKeyDown}
        onCopy={onCopy}
        onMouseDown={(event) => {
          // The browser's own selection would be lost with every new drawing: the text keeps its own.
          event.preventDefault();
          event.currentTarget.focus({ preventScroll: true });
        }}
        onPointerOver={arcs.length === 0 ? undefined : (event) => setPointedAt(flagAt(event.target))}
        {...handlers}
      >
        <div
          ref={sheet}
          className={styles.sheet}
          data-sheet
          data-alone={words.pieces.length === 1 || undefined}
        >
          {words.pieces.map((piece, number) => {
            const isTouched = shown !== null && shown.start < piece.end && piece.start < shown.end;
            return (
              <PieceOfText
                key={piece.at}
                piece={piece}
                number={number}
                offsets={words.offsets}
                marks={lanes[number] ?? NONE}
                selection={isTouched ? shown : null}
                head={linkFrom ?? head}
                growing={growing}
              />
            );
          })}
          {arcs.length > 0 && (
            <Arcs
              arcs={arcs}
              sheet={sheet}
              drawnAnew={[lanes]}
              startOf={startOf}
              numberOf={numberOf}
              lit={litOf(arcs, litArc, pointedAt === null ? chosen : [...chosen, pointedAt])}
              onLit={onLitArc}
              onChoose={onChooseArc}
            />
          )}
          {pull !== null && <Pulled from={pull.from} to={pull.to} />}
        </div>
      </div>
      <p className="for-ears" role="status">
        {shown === null
          ? ""
          : labels.length > 0
            ? t("selected: {{text}}, marked as {{labels}}", { text: of, labels: labels.join(", ") })
            : t("selected: {{text}}", { text: of })}
      </p>
    </>
  );
}

function flagAt(target: EventTarget): number | null {
  const flag = target instanceof Element ? target.closest<HTMLElement>("[data-flag]") : null;
  return flag === null ? null : Number(flag.dataset.flag);
}

/** What is pointed at or selected, and the arcs of the marks that are. */
function litOf(arcs: readonly DrawnArc[], key: string | null, marks: readonly number[]): ReadonlySet<string> {
  const found = arcs.filter((arc) => arc.key === key || marks.includes(arc.from) || marks.includes(arc.to));
  return new Set(found.map((arc) => arc.key));
}

/** The press with its arrow as the text is read: what points left goes on in a text that is written from the right. */
function asRead(event: KeyboardEvent<HTMLElement>): Press {
  const { key, altKey, shiftKey } = event;
  const turned = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }[key];
  // Each piece of the text has a direction of its own.
  const at =
    event.currentTarget.querySelector("[data-selected]") ?? event.currentTarget.querySelector("[data-piece]");
  return turned !== undefined && at !== null && getComputedStyle(at).direction === "rtl"
    ? { key: turned, altKey, shiftKey }
    : event;
}

/** Pieces that come into sight take their true height some frames later, and move what was just brought there. */
const FRAMES_AT_REST = 5;
const FRAMES_AT_MOST = 60;

/** Keep what is selected in sight. It is looked for before a frame is drawn, when its place is worked out anyway. */
function useInSight(root: { current: HTMLElement | null }, selection: Place | null): void {
  useEffect(() => {
    if (selection === null) {
      return;
    }
    let [frame, seen, atRest] = [0, 0, 0];
    const look = () => {
      const chosen = root.current?.querySelector("[data-selected]");
      if (!isInSight(root.current, chosen)) {
        chosen?.scrollIntoView?.({ block: "nearest" });
        atRest = 0;
      }
      seen++;
      atRest++;
      if (atRest < FRAMES_AT_REST && seen < FRAMES_AT_MOST) {
        frame = requestAnimationFrame(look);
      }
    };
    frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [root, selection]);
}

function isInSight(root: Element | null, element: Element | null | undefined): boolean {
  if (!root || !element) {
    return true;
  }
  const [around, own] = [root.getBoundingClientRect(), element.getBoundingClientRect()];
  const [top, bottom] = [Math.max(around.top, 0), Math.min(around.bottom, window.innerHeight)];
  // What is higher than its window cannot be seen whole.
  return own.height > bottom - top
    ? own.bottom > top && own.top < bottom
    : own.top >= top && own.bottom <= bottom;
}

/** Where a selection begins in a long text: at what is read, not at the beginning. */
function firstInSight(root: HTMLElement, { offsets }: Words): number {
  if (root.scrollTop === 0) {
    return 0;
  }
  const { left, top, width } = root.getBoundingClientRect();
  const units = unitsAt(root, left + width / 2, Math.max(top, 0) + 24);
  return units === null ? 0 : offsets.toCodePoints(units as Utf16Units);
}

/** The word a line below or above what is selected; undefined where there is none to be seen. */
function lineMoved(root: HTMLElement, words: Words, step: 1 | -1): Range | undefined {
  const chosen = [...root.querySelectorAll("[data-selected]")].at(step === 1 ? -1 : 0);
  const lines = chosen?.getClientRects();
  const line = lines?.[step === 1 ? lines.length - 1 : 0];
  if (line === undefined) {
    return undefined;
  }
  const height = Number.parseFloat(getComputedStyle(root).lineHeight) || line.height * 1.6;
  const before = root.scrollTop;
  root.scrollTop += step * height;
  const y = (step === 1 ? line.bottom : line.top) + step * height * 0.6 - (root.scrollTop - before);
  const units = unitsAt(root, line.left + line.width / 2, y);
  const place = units === null ? null : words.offsets.toCodePoints(units as Utf16Units);
  const piece = place === null ? [] : words.wordsIn(words.pieceAt(place));
  return piece.find((word) => word.end > (place ?? 0)) ?? piece.at(-1);
}
