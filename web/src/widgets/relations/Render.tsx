import { useMemo, useState } from "react";
import { t } from "../../words/words";
import type { DrawnArc } from "../marking/arcs";
import { LabelPicker } from "../marking/LabelPicker";
import { LOOKS, lookIn, marksOf } from "../marking/lanes";
import { MarkButtons } from "../marking/MarkButtons";
import { MarkHint, NoField } from "../marking/MarkHint";
import marking from "../marking/marking.module.css";
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
  openArcs,
  type Sent,
  type Settings,
  selectedIn,
  typesBetween,
  type Value,
} from "./logic";
import own from "./relations.module.css";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, item, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const [litArc, setLitArc] = useState<string | null>(null);
  const field = fieldOf(settings, item);
  const draft = useMemo(() => draftOf(value, settings), [value, settings]);
  const { marked, arcs, head } = draft;
  const { spans, declined } = marked;
  const suggested = (suggestion?.value as Sent | undefined)?.spans ?? null;
  const open = useMemo(
    () => openSuggestions({ spans, declined }, suggested, settings),
    [spans, declined, suggested, settings],
  );
  const bindings = useMemo(() => keys(settings), [settings]);
  const marks = useMemo(
    () =>
      marksOf(
        {
          spans,
          labels: settings.labels,
          caption: (title: string, place: number) => `${place + 1} ${title}`,
        },
        open,
      ),
    [spans, open, settings],
  );
  const numbers = useMemo(() => new Map(spans.map((span, place) => [nameOf(span), place + 1])), [spans]);
  const stated = (suggestion?.value as Sent | undefined) ?? null;
  const suggestedArcs = useMemo(() => openArcs(draft, stated, settings), [draft, stated, settings]);
  const tail = selectedIn(draft);
  const pending = head !== null && tail !== null && !isSame(head, tail);
  const drawnArcs = useMemo(() => {
    const places = new Map([...spans, ...open].map((span, place) => [nameOf(span), place]));
    const begun = pending ? [{ head, tail, type: "?" }] : [];
    return [...arcs, ...suggestedArcs, ...begun].flatMap((arc, at): DrawnArc[] => {
      const [from, to] = [places.get(nameOf(arc.head)), places.get(nameOf(arc.tail))];
      const look = lookIn(settings.types, arc.type) ?? 0;
      const caption = titleIn(settings, arc.type);
      const isSuggested = at >= arcs.length;
      return from === undefined || to === undefined
        ? []
        : [
            {
              key: `${from}-${to}-${arc.type}`,
              from,
              to,
              caption: isSuggested && arc.type !== "?" ? `${caption}?` : caption,
              look,
              isSuggested,
            },
          ];
    });
  }, [arcs, suggestedArcs, spans, open, pending, head, tail, settings]);
  if (field === null) {
    return <NoField />;
  }
  const text = String(item.content[field]);
  const words = wordsAtHand(text);
  const quoted = (span: Span) => textAt(words, span, QUOTED);
  const numberOf = (span: Span) => numbers.get(nameOf(span)) ?? 0;
  const inWords = (arc: Arc) => `${quoted(arc.head)} ${titleIn(settings, arc.type)} ${quoted(arc.tail)}`;
  const keyOf = (arc: Arc) => `${numberOf(arc.head) - 1}-${numberOf(arc.tail) - 1}-${arc.type}`;
  const last = settings.discontinuous ? growing(marked) : null;
  const grows = last === null || isAt(last, marked.selection) ? null : last;
  const fitting = pending ? typesBetween(head, tail, settings) : null;
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
        arcs={drawnArcs}
        litArc={litArc}
        onLitArc={setLitArc}
        onChooseArc={(key) => document.getElementById(`${id}/${key}`)?.focus()}
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
      <p className={marking.told} role="status" dir="auto">
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
        bindings={bindings}
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
        <ul
          className={`${styles.order} ${own.list}`}
          aria-live="polite"
          aria-label={t("the relations so far")}
        >
          {arcs.map((arc) => (
            <li
              key={keyOf(arc)}
              data-lit={litArc === keyOf(arc) || undefined}
              onPointerEnter={() => setLitArc(keyOf(arc))}
              onPointerLeave={() => setLitArc(null)}
              onFocus={() => setLitArc(keyOf(arc))}
              onBlur={() => setLitArc(null)}
            >
              <span dir="auto">
                <small>{numberOf(arc.head)}</small> {quoted(arc.head)} <Arrow />{" "}
                <b className={marking.tint} data-look={(lookIn(settings.types, arc.type) ?? 0) % LOOKS}>
                  {titleIn(settings, arc.type)}
                </b>{" "}
                <Arrow /> <small>{numberOf(arc.tail)}</small> {quoted(arc.tail)}
              </span>
              <button
                type="button"
                id={`${id}/${keyOf(arc)}`}
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

function titleIn({ types }: Settings, type: string): string {
  return labelsOf({ labels: types }).find(({ value }) => value === type)?.title ?? type;
}

/** Of longer marks the beginning is quoted. */
const QUOTED = 80;

/** Points on in the direction of reading. */
function Arrow() {
  return <span className={styles.arrow}>→</span>;
}
