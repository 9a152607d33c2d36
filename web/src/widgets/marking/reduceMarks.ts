/** What becomes of marks by an action. */

import { type Asked, labelsOf } from "../widget";
import {
  clash,
  isAt,
  isSame,
  type MarkAction,
  type Marked,
  type MarkSettings,
  nameOf,
  openSuggestions,
  pieceOf,
  type Span,
  textOf,
  withSpans,
} from "./marks";
import { type Place, placed, type Range, reaching, shares } from "./pieces";
import { walked } from "./tokens";

export function reduceMarks(
  marked: Marked,
  action: MarkAction,
  settings: MarkSettings,
  asked: Asked | null = null,
): Marked {
  if ("select" in action) {
    const last = settings.discontinuous ? marked.spans.find((span) => isAt(span, action.select)) : undefined;
    return { ...marked, selection: action.select, ...(last && { last }) };
  }
  if ("fine" in action) {
    return { ...marked, isFine: !marked.isFine };
  }
  if ("pick" in action) {
    return { ...marked, isPicking: action.pick };
  }
  if ("nothing" in action) {
    const isNothing = marked.isAnswered && marked.spans.length === 0;
    return { ...marked, spans: [], isAnswered: !isNothing };
  }
  if ("step" in action) {
    return reduceMarks(marked, { select: neighbour(marked, action.step) }, settings, asked);
  }
  if ("take" in action || "decline" in action || "takeAll" in action) {
    const open = openSuggestions(marked, asked?.suggestion ?? null, settings);
    return "takeAll" in action ? withNew(marked, open, settings) : decided(marked, action, open, settings);
  }
  if ("walk" in action || "fresh" in action || settings.mode === "tokens") {
    const text = asked === null ? null : textOf(settings, asked.item);
    if ("reach" in action) {
      return reached(marked, action.reach, settings);
    }
    return text === null ? marked : walked(marked, action, settings, text, asked);
  }
  if ("piece" in action) {
    return pieced(marked, pieceOf(marked, action.piece, settings, asked), settings);
  }
  const { selection } = marked;
  if (selection === null || selection.start >= selection.end) {
    return marked;
  }
  if ("reach" in action) {
    return reached(marked, action.reach, settings);
  }
  if ("unmark" in action) {
    return withSpans(
      marked,
      marked.spans.filter((span) => !shares(span, selection)),
    );
  }
  if (!labelsOf(settings).some((label) => label.value === action.mark)) {
    return marked;
  }
  const span = { ...placed(selection), label: action.mark };
  if (marked.spans.some((other) => isSame(other, span))) {
    return withSpans(
      marked,
      marked.spans.filter((other) => !isSame(other, span)),
    );
  }
  return withNew(settings.discontinuous ? { ...marked, last: span } : marked, [span], settings);
}

function pieced(marked: Marked, change: ReturnType<typeof pieceOf>, settings: MarkSettings): Marked {
  if (change === null) {
    return marked;
  }
  const { from, to } = change;
  const spans = marked.spans.filter((span) => !isSame(span, from) && !isSame(span, to));
  return withNew({ ...marked, spans, selection: placed(to), last: to }, [to], settings);
}

/** Take or decline the suggestion that is selected and select the next; none selected: select one. */
function decided(
  marked: Marked,
  action: { take: true } | { decline: true },
  open: readonly Span[],
  settings: MarkSettings,
): Marked {
  const at = open.findIndex((span) => isAt(span, marked.selection));
  const one = open[at];
  const from = marked.selection?.start ?? 0;
  if (one === undefined) {
    const next = open.find((span) => span.start >= from) ?? open[0];
    return next === undefined ? marked : { ...marked, selection: placed(next) };
  }
  const next = open[at + 1] ?? (at > 0 ? open[0] : undefined);
  const selection = next === undefined ? marked.selection : placed(next);
  return "take" in action
    ? { ...withNew(marked, [one], settings), selection }
    : { ...marked, declined: [...(marked.declined ?? []), one], selection };
}

function reached(marked: Marked, hull: Range, settings: MarkSettings): Marked {
  if (hull.start >= hull.end) {
    return marked;
  }
  const place = marked.selection?.pieces === undefined ? hull : reaching(marked.selection, hull);
  const moving = marked.spans.filter((span) => isAt(span, marked.selection));
  const selected = { ...marked, selection: place };
  if (moving.length === 0) {
    return selected;
  }
  const others = marked.spans.filter((span) => !isAt(span, marked.selection));
  const there = new Set(others.map(nameOf));
  const arrived = moving
    .map(({ label }) => ({ ...placed(place), label }))
    .filter((span) => !there.has(nameOf(span)));
  return withNew({ ...selected, spans: others }, arrived, settings);
}

/** Add spans; what may not stand beside a new one gives way to it. */
function withNew(marked: Marked, added: readonly Span[], settings: MarkSettings): Marked {
  const overlap = settings.overlap ?? "any";
  if (overlap === "any") {
    return withSpans(marked, [...marked.spans, ...added]);
  }
  let spans = [...marked.spans];
  for (const span of added) {
    spans = [...spans.filter((other) => !clash(other, span, overlap)), span];
  }
  return withSpans(marked, spans);
}

function neighbour({ spans, selection }: Marked, step: 1 | -1): Place | null {
  if (spans.length === 0) {
    return selection;
  }
  const at = spans.findIndex((span) => isAt(span, selection));
  const next = at < 0 ? behind(spans, selection, step) : (at + step + spans.length) % spans.length;
  const span = spans[next];
  return span ? placed(span) : selection;
}

/** From a selection that is no mark: to the first mark behind it, or the last before it. */
function behind(spans: readonly Span[], selection: Range | null, step: 1 | -1): number {
  if (selection === null) {
    return step === 1 ? 0 : spans.length - 1;
  }
  const found =
    step === 1
      ? spans.findIndex((span) => span.start >= selection.start)
      : spans.findLastIndex((span) => span.start <= selection.start);
  return found >= 0 ? found : step === 1 ? 0 : spans.length - 1;
}
