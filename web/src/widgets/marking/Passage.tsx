import { useMemo } from "react";
import type { CodePoints, Utf16Units } from "../../domain/offsets";
import styles from "../widgets.module.css";
import type { Range, Span } from "./marks";
import { moved, snapped, wordsOf } from "./words";

interface Props {
  text: string;
  spans: readonly Span[];
  selection: Range | null;
  /** What stands behind the end of a span. */
  caption: (span: Span, place: number) => string;
  describedBy: string | undefined;
  onSelect: (selection: Range | null) => void;
}

/** A text whose parts are selected by mouse, or by the arrow keys once it has the focus. */
export function Passage({ text, spans, selection, caption, describedBy, onSelect }: Props) {
  const words = useMemo(() => wordsOf(text), [text]);
  const { offsets } = words;
  const cut = (start: number, end: number) =>
    text.slice(offsets.toUnits(start as CodePoints), offsets.toUnits(end as CodePoints));
  const edges = [...spans, ...(selection ? [selection] : [])].flatMap(({ start, end }) => [start, end]);
  const places = [...new Set([0, ...edges, offsets.length])].sort((a, b) => a - b);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a text field cannot show marks inside its text */}
      <div
        className={styles.passage}
        role="textbox"
        aria-multiline="true"
        aria-readonly="true"
        aria-label="the text to mark"
        aria-describedby={describedBy}
        tabIndex={0}
        dir="auto"
        onKeyDown={(event) => {
          const next = event.ctrlKey || event.metaKey ? undefined : moved(words, selection, event);
          if (next !== undefined) {
            event.preventDefault();
            onSelect(next);
          }
        }}
        onMouseUp={(event) => {
          const range = rangeIn(event.currentTarget);
          if (range !== null) {
            const chosen = {
              start: offsets.toCodePoints(range.start as Utf16Units),
              end: offsets.toCodePoints(range.end as Utf16Units),
            };
            onSelect(event.altKey ? chosen : snapped(words, chosen));
          }
        }}
      >
        {places.slice(0, -1).map((start, at) => {
          const end = places[at + 1] ?? start;
          const inside = spans.filter((span) => span.start <= start && end <= span.end);
          const ending = spans.flatMap((span, place) => (span.end === end ? [caption(span, place)] : []));
          const isSelected = selection !== null && selection.start <= start && end <= selection.end;
          return (
            <span
              key={start}
              data-labels={inside.length > 0 ? inside.map((span) => span.label).join(" ") : undefined}
              data-ends={inside.length > 0 && ending.length > 0 ? ending.join(", ") : undefined}
              data-selected={isSelected || undefined}
            >
              {cut(start, end)}
            </span>
          );
        })}
      </div>
      <p className="for-ears" role="status">
        {selection ? `selected: ${cut(selection.start, selection.end)}` : ""}
      </p>
    </>
  );
}

/** What is selected inside an element, in UTF-16 units of its text; null when nothing is. */
function rangeIn(element: Element): Range | null {
  const selection = window.getSelection();
  if (selection === null || selection.rangeCount === 0 || selection.isCollapsed) {
    return null;
  }
  const range = selection.getRangeAt(0);
  if (!element.contains(range.startContainer) || !element.contains(range.endContainer)) {
    return null;
  }
  const before = document.createRange();
  before.setStart(element, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = before.toString().length;
  return { start, end: start + range.toString().length };
}
