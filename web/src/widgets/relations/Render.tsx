import { useMemo } from "react";
import { t } from "../../words/words";
import { LabelPicker } from "../marking/LabelPicker";
import { drawn, lookIn } from "../marking/lanes";
import { MarkButtons } from "../marking/MarkButtons";
import { MarkHint, NoField } from "../marking/MarkHint";
import {
  fieldOf,
  growing,
  isAt,
  isSame,
  MANY_LABELS,
  nameOf,
  openSuggestions,
  type Span,
} from "../marking/marks";
import { Passage } from "../marking/Passage";
import { PieceHint } from "../marking/PieceHint";
import { textAt, wordsAtHand } from "../marking/words";
import type { RenderProps } from "../widget";
import { labelsOf } from "../widget";
import styles from "../widgets.module.css";
import { LinkField } from "./LinkField";
import {
  type Action,
  type Arc,
  draftOf,
  keys,
  type Sent,
  type Settings,
  selectedIn,
  typesBetween,
  type Value,
} from "./logic";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const field = fieldOf(settings, item);
  const draft = useMemo(() => draftOf(value, settings), [value, settings]);
  const { marked, arcs, head } = draft;
  const { spans, declined } = marked;
  const suggested = (suggestion?.value as Sent | undefined)?.spans ?? null;
  const open = useMemo(
    () => openSuggestions({ spans, declined }, suggested, settings),
    [spans, declined, suggested, settings],
  );
  const marks = useMemo(
    () => [
      ...drawn(spans, settings.labels, (title, place) => `${place + 1} ${title}`),
      ...drawn(open, settings.labels, (title) => title, true),
    ],
    [spans, open, settings],
  );
  const numbers = useMemo(() => new Map(spans.map((span, place) => [nameOf(span), place + 1])), [spans]);
  if (field === null) {
    return <NoField />;
  }
  const text = String(item.content[field]);
  const words = wordsAtHand(text);
  const types = new Map(labelsOf({ labels: settings.types }).map((type) => [type.value, type.title]));
  const quoted = (span: Span) => textAt(words, span, QUOTED);
  const numberOf = (span: Span) => numbers.get(nameOf(span)) ?? 0;
  const inWords = (arc: Arc) => `${quoted(arc.head)} ${types.get(arc.type) ?? arc.type} ${quoted(arc.tail)}`;
  const tail = selectedIn(draft);
  const last = settings.discontinuous ? growing(marked) : null;
  const grows = last === null || isAt(last, marked.selection) ? null : last;
  const fitting =
    head !== null && tail !== null && !isSame(head, tail) ? typesBetween(head, tail, settings) : null;
  return (
    <>
      <Passage
        text={text}
        marks={marks}
        selection={marked.selection}
        isFine={marked.isFine ?? false}
        head={head === null ? null : numberOf(head) - 1}
        growing={grows && numberOf(grows) - 1}
        describedBy={describedBy}
        onSelect={(selection) => dispatch({ select: selection })}
        onReach={(place) => dispatch({ reach: place })}
        onPiece={settings.discontinuous ? (piece) => dispatch({ piece }) : undefined}
        onLink={(from, to) => {
          const [begins, ends] = [spans[from], spans[to]];
          if (begins && ends) {
            dispatch({ pull: { head: begins, tail: ends } });
          }
        }}
      />
      {settings.discontinuous && <PieceHint text={text} selection={marked.selection} mark={grows} />}
      {settings.labels.length > MANY_LABELS && (
        <LabelPicker
          labels={settings.labels}
          isAsked={marked.isPicking ?? false}
          onPick={(label) => dispatch({ mark: label })}
          onClose={() => dispatch({ pick: false })}
        />
      )}
      {draft.isLinking && (
        <LinkField
          spans={spans}
          settings={settings}
          inWords={inWords}
          onJoin={(arc) => dispatch({ join: arc })}
          onClose={() => dispatch({ link: false })}
        />
      )}
      <p className={styles.hint} role="status" dir="auto">
        {head !== null &&
          (fitting === null
            ? t("From {{number}} {{mark}}: now select the other mark.", {
                number: numberOf(head),
                mark: quoted(head),
              })
            : fitting.length === 0
              ? t("No type leads from {{head}} to {{tail}}.", {
                  head: quoted(head),
                  tail: tail ? quoted(tail) : "",
                })
              : t("From {{head}} to {{tail}}: now say how.", {
                  head: quoted(head),
                  tail: tail ? quoted(tail) : "",
                }))}
      </p>
      <MarkButtons
        bindings={keys(settings)}
        caps={caps}
        isChosen={(action) =>
          ("nothing" in action && marked.isAnswered && spans.length === 0) ||
          ("takeHead" in action && head !== null) ||
          ("fine" in action && (marked.isFine ?? false))
        }
        lookOf={(action) =>
          "relate" in action
            ? lookIn(settings.types, action.relate)
            : lookIn(settings.labels, "mark" in action ? action.mark : null)
        }
        isShown={(action) =>
          "relate" in action
            ? fitting === null || fitting.some((type) => type.value === action.relate)
            : open.length > 0 || !("take" in action || "decline" in action || "takeAll" in action)
        }
        dispatch={dispatch}
      />
      {arcs.length > 0 && (
        <ul className={styles.order} aria-live="polite" aria-label={t("the relations so far")}>
          {arcs.map((arc) => (
            <li key={`${numberOf(arc.head)}-${numberOf(arc.tail)}-${arc.type}`}>
              <span dir="auto">
                <small>{numberOf(arc.head)}</small> {quoted(arc.head)} <Arrow />{" "}
                <b>{types.get(arc.type) ?? arc.type}</b> <Arrow /> <small>{numberOf(arc.tail)}</small>{" "}
                {quoted(arc.tail)}
              </span>
              <button
                type="button"
                aria-label={t("take back: {{relation}}", { relation: inWords(arc) })}
                onClick={() => dispatch({ drop: arc })}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <MarkHint
        hasRelations
        hasPieces={settings.discontinuous ?? false}
        told={
          open.length > 0
            ? t("{{count}} suggested, with a dashed line: take or decline each, or take all.", {
                count: open.length,
              })
            : null
        }
      />
    </>
  );
}

/** Of longer marks the beginning is quoted. */
const QUOTED = 80;

/** Points on in the direction of reading. */
function Arrow() {
  return <span className={styles.arrow}>→</span>;
}
