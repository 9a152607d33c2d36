import { type CSSProperties, Fragment, memo, type ReactNode } from "react";
import type { CodePoints, Offsets } from "../../domain/offsets";
import { type Laid, LOOKS, type Segment, segmentsOf, strokeOf } from "./lanes";
import styles from "./marking.module.css";
import type { Place } from "./marks";
import { holds, isSamePlace, piecesOf } from "./pieces";
import type { Piece } from "./words";

interface Props {
  piece: Piece;
  number: number;
  offsets: Offsets;
  /** The marks over it; none while it is far from sight. */
  marks: readonly Laid[];
  /** What is selected, where that touches it. */
  selection: Place | null;
  /** Marks that stand out by their place among all: the head of a relation. */
  head: number | null;
  /** The one that another piece would be added to. */
  growing: number | null;
}

/** A part of the text with its marks. Everything but the text is drawn by style, so that its text is the item's. */
export const PieceOfText = memo(
  function PieceOfText({ piece, number, offsets, marks, selection, head, growing }: Props) {
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
            growing={growing}
          />
        ))}
      </div>
    );
  },
  (before, after) =>
    before.piece === after.piece &&
    isSamePlace(before.selection, after.selection) &&
    before.head === after.head &&
    before.growing === after.growing &&
    areSame(before.marks, after.marks),
);

interface PartProps {
  segment: Segment;
  selection: Place | null;
  piece: Piece;
  offsets: Offsets;
  head: number | null;
  growing: number | null;
}

function Part({ segment, selection, piece, offsets, head, growing }: PartProps) {
  const from = offsets.toUnits(segment.start as CodePoints);
  const to = offsets.toUnits(segment.end as CodePoints);
  const text = piece.text.slice(from - piece.at, to - piece.at);
  let wrapped: ReactNode = (
    <span data-at={from} data-selected={segment.isSelected || undefined}>
      {text}
    </span>
  );
  for (const mark of segment.over.toReversed()) {
    wrapped = (
      <Underlined
        mark={mark}
        segment={segment}
        isHead={mark.place === head}
        isGrowing={mark.place === growing}
        inside={wrapped}
      />
    );
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
  isGrowing: boolean;
  inside: ReactNode;
}

function Underlined({ mark, segment, isHead, isGrowing, inside }: UnderlinedProps) {
  // Between the pieces of a mark its line goes on, thin: what is there is no part of it.
  if (mark.pieces !== undefined && !holds(mark, segment.start)) {
    return (
      <span
        className={styles.gap}
        data-look={mark.look % LOOKS}
        data-suggested={mark.isSuggested || undefined}
        style={{ "--level": mark.level } as CSSProperties}
      >
        {inside}
      </span>
    );
  }
  const pieces = piecesOf(mark);
  return (
    <span
      className={styles.mark}
      data-label={mark.label}
      data-look={mark.look % LOOKS}
      data-stroke={mark.isSuggested ? "dashed" : strokeOf(mark.look)}
      data-suggested={mark.isSuggested || undefined}
      data-head={isHead || undefined}
      data-growing={isGrowing || undefined}
      data-begins={pieces.some(({ start }) => start === segment.start) || undefined}
      data-finishes={pieces.some(({ end }) => end === segment.end) || undefined}
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
          mark.pieces === other.pieces &&
          mark.label === other.label &&
          mark.level === other.level &&
          mark.place === other.place &&
          mark.caption === other.caption &&
          mark.isSuggested === other.isSuggested
        );
      }))
  );
}
