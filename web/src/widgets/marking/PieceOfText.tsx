import { type CSSProperties, Fragment, memo, type ReactNode } from "react";
import type { CodePoints, Offsets } from "../../domain/offsets";
import { type Laid, type Segment, segmentsOf } from "./lanes";
import styles from "./marking.module.css";
import type { Range } from "./marks";
import type { Piece } from "./words";

interface Props {
  piece: Piece;
  number: number;
  offsets: Offsets;
  /** The marks over it; none while it is far from sight. */
  marks: readonly Laid[];
  /** What is selected of it. */
  selectedFrom: number | null;
  selectedTo: number | null;
  /** Marks that stand out by their place among all: the head of a relation. */
  head: number | null;
}

const LOOKS = 8;

/** A part of the text with its marks. Everything but the text is drawn by style, so that its text is the item's. */
export const PieceOfText = memo(
  function PieceOfText({ piece, number, offsets, marks, selectedFrom, selectedTo, head }: Props) {
    const selection =
      selectedFrom === null || selectedTo === null ? null : { start: selectedFrom, end: selectedTo };
    const lanes = marks.reduce((most, mark) => Math.max(most, mark.level + 1), 0);
    return (
      <div
        className={styles.piece}
        data-piece={number}
        data-at={piece.at}
        dir="auto"
        style={{ "--lanes": lanes, "--characters": piece.text.length } as CSSProperties}
      >
        {segmentsOf(piece, marks, selection).map((segment) => (
          <Part
            key={segment.start}
            segment={segment}
            selection={selection}
            piece={piece}
            offsets={offsets}
            head={head}
          />
        ))}
      </div>
    );
  },
  (before, after) =>
    before.piece === after.piece &&
    before.selectedFrom === after.selectedFrom &&
    before.selectedTo === after.selectedTo &&
    before.head === after.head &&
    areSame(before.marks, after.marks),
);

interface PartProps {
  segment: Segment;
  selection: Range | null;
  piece: Piece;
  offsets: Offsets;
  head: number | null;
}

function Part({ segment, selection, piece, offsets, head }: PartProps) {
  const from = offsets.toUnits(segment.start as CodePoints);
  const to = offsets.toUnits(segment.end as CodePoints);
  const text = piece.text.slice(from - piece.at, to - piece.at);
  let wrapped: ReactNode = (
    <span data-at={from} data-selected={segment.isSelected || undefined}>
      {text}
    </span>
  );
  for (const mark of segment.over.toReversed()) {
    wrapped = <Underlined mark={mark} segment={segment} isHead={mark.place === head} inside={wrapped} />;
  }
  return (
    <Fragment>
      {selection?.start === segment.start && segment.isSelected && <Handle edge="start" at={from} />}
      {wrapped}
      {selection?.end === segment.end && segment.isSelected && <Handle edge="end" at={to} />}
      {segment.ending.map((mark) => (
        <span
          key={mark.place}
          className={styles.flag}
          aria-hidden="true"
          data-at={to}
          data-flag={mark.place}
          data-caption={mark.isSuggested ? `${mark.caption}?` : mark.caption}
          data-look={mark.look % LOOKS}
        />
      ))}
    </Fragment>
  );
}

interface UnderlinedProps {
  mark: Laid;
  segment: Segment;
  isHead: boolean;
  inside: ReactNode;
}

function Underlined({ mark, segment, isHead, inside }: UnderlinedProps) {
  return (
    <span
      className={styles.mark}
      data-label={mark.label}
      data-look={mark.look % LOOKS}
      data-stroke={strokeOf(mark)}
      data-suggested={mark.isSuggested || undefined}
      data-head={isHead || undefined}
      data-begins={mark.start === segment.start || undefined}
      data-finishes={mark.end === segment.end || undefined}
      style={{ "--level": mark.level } as CSSProperties}
    >
      {inside}
    </span>
  );
}

/** What the mouse or a finger takes hold of to move an edge; keys do it with Alt. */
function Handle({ edge, at }: { edge: "start" | "end"; at: number }) {
  return <span className={styles.handle} aria-hidden="true" data-at={at} data-edge={edge} />;
}

/** Not by colour alone: labels of one colour, and labels beside each other, differ in their line too. */
function strokeOf(mark: Laid): string {
  return mark.isSuggested
    ? "dashed"
    : (["solid", "double", "dotted"][(mark.look + Math.floor(mark.look / LOOKS)) % 3] ?? "solid");
}

function areSame(a: readonly Laid[], b: readonly Laid[]): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every((mark, place) => {
        const other = b[place];
        return (
          other !== undefined &&
          mark.start === other.start &&
          mark.end === other.end &&
          mark.label === other.label &&
          mark.level === other.level &&
          mark.place === other.place &&
          mark.caption === other.caption &&
          mark.isSuggested === other.isSuggested
        );
      }))
  );
}
