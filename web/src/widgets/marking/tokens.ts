/** One key per word: the selection stands on a word, a label's key marks it and goes on to the next. */

import { type Asked, labelsOf } from "../widget";
import {
  type MarkAction,
  type Marked,
  type MarkSettings,
  nameOf,
  pieceOf,
  type Range,
  type Span,
  withSpans,
} from "./marks";
import { holds, placed, placeOf, withRange } from "./pieces";
import { nextWord, previousWord, type Words, wordsAtHand } from "./words";

/** The word that a key would mark: the selection, else the first of the text. */
export function cursorOf(marked: Marked, text: string): Range | null {
  return marked.selection ?? nextWord(wordsAtHand(text), 0);
}

export function walked(
  marked: Marked,
  action: MarkAction,
  settings: MarkSettings,
  text: string,
  asked: Asked | null,
): Marked {
  const words = wordsAtHand(text);
  const token = cursorOf(marked, text);
  if (token === null) {
    return marked;
  }
  if ("walk" in action) {
    const next = action.walk === 1 ? nextWord(words, token.end) : previousWord(words, token.start);
    return { ...marked, selection: next ?? token };
  }
  if ("fresh" in action) {
    return { ...marked, selection: token, isFresh: !marked.isFresh };
  }
  const onward = { ...marked, selection: nextWord(words, token.end) ?? token, isFresh: false };
  if ("unmark" in action) {
    return withSpans(onward, without(marked.spans, token, words));
  }
  if ("mark" in action && labelsOf(settings).some((label) => label.value === action.mark)) {
    const spans = labelled(marked, token, action.mark, words);
    const last = settings.discontinuous
      ? (spans.find((span) => span.label === action.mark && holds(span, token.start)) ?? null)
      : null;
    return withSpans(last === null ? onward : { ...onward, last }, spans);
  }
  if ("piece" in action) {
    const change = pieceOf({ ...marked, selection: token }, action.piece, settings, asked);
    return change === null
      ? marked
      : withSpans({ ...onward, last: change.to }, [
          ...marked.spans.filter((span) => nameOf(span) !== nameOf(change.from)),
          change.to,
        ]);
  }
  return marked;
}

/** A word after one of the same label belongs to its mark, unless a new one was called for. */
function labelled(marked: Marked, token: Range, label: string, words: Words): readonly Span[] {
  const isMarked = marked.spans.some(
    (span) => span.label === label && holds(span, token.start) && holds(span, token.end - 1),
  );
  if (isMarked && !marked.isFresh) {
    return marked.spans;
  }
  const rest = without(marked.spans, token, words);
  const before = previousWord(words, token.start);
  const grown = marked.isFresh
    ? undefined
    : rest.find((span) => span.label === label && span.end === before?.end);
  return grown === undefined
    ? [...rest, { ...token, label }]
    : [
        ...rest.filter((span) => span !== grown),
        { ...(withRange(grown, { start: before?.start ?? token.start, end: token.end }) ?? grown), label },
      ];
}

/** The spans with a place cut out of them: what is left of one is whole words. */
function without(spans: readonly Span[], token: Range, words: Words): Span[] {
  return spans.flatMap((span) => {
    if (span.end <= token.start || token.end <= span.start) {
      return [span];
    }
    const { label } = span;
    if (span.pieces === undefined) {
      return cut(span, token, words).map((part) => ({ ...part, label }));
    }
    const left = placeOf(span.pieces.flatMap((piece) => cut(piece, token, words)));
    return left === null ? [] : [{ ...placed(left), label }];
  });
}

function cut({ start, end }: Range, token: Range, words: Words): Range[] {
  if (end <= token.start || token.end <= start) {
    return [{ start, end }];
  }
  const first = { start, end: previousWord(words, token.start)?.end ?? 0 };
  const second = { start: nextWord(words, token.end)?.start ?? end, end };
  return [first, second].filter((part) => part.start < part.end && part.end <= end && part.start >= start);
}
