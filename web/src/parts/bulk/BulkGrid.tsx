import { type KeyboardEvent, useRef, useState } from "react";
import type { BulkCard, Question } from "../../api/types";
import { cardBeyond, type Group } from "../../domain/bulk";
import { labelWords } from "../../domain/itemLife";
import { itemPath } from "../../domain/route";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import styles from "./bulk.module.css";

interface Props {
  name: string;
  groups: readonly Group[];
  /** By which the cards are grouped. */
  question: Question;
  questions: readonly Question[];
  excluded: ReadonlySet<string>;
  /** What may distress is covered, and left out, until it is uncovered. */
  uncovered: ReadonlySet<string>;
  onExclude: (ids: readonly string[], isOut: boolean) => void;
  onUncover: (id: string) => void;
  onAccept: () => void;
}

/** Cards to look through. Arrows go from card to card, X leaves one out, Enter accepts the others. */
export function BulkGrid(props: Props) {
  const { groups, excluded, uncovered, onExclude } = props;
  const cards = groups.flatMap((group) => group.cards);
  const [current, setCurrent] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const at = Math.min(current, cards.length - 1);
  const isOut = (card: BulkCard): boolean => excluded.has(card.id) || isCovered(card, uncovered);

  function toggle(card: BulkCard): void {
    if (isCovered(card, uncovered)) {
      props.onUncover(card.id);
    } else {
      onExclude([card.id], !excluded.has(card.id));
    }
  }

  function toggleGroup(group: Group): void {
    const ids = group.cards.filter((card) => !isCovered(card, uncovered)).map((card) => card.id);
    onExclude(ids, !ids.every((id) => excluded.has(id)));
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    const card = cards[at];
    const isCard = event.target instanceof HTMLElement && event.target.role === "checkbox";
    if (card === undefined || !isCard || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const all = [...(grid.current?.querySelectorAll<HTMLElement>("[role=checkbox]") ?? [])];
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    let next: number | null = null;
    switch (event.code) {
      case "ArrowLeft":
      case "ArrowRight":
        next = at + (event.code === forward ? 1 : -1);
        break;
      case "ArrowUp":
      case "ArrowDown":
        next = cardBeyond(
          all.map((one) => one.getBoundingClientRect()),
          at,
          event.code === "ArrowDown" ? 1 : -1,
        );
        break;
      case "Home":
        next = 0;
        break;
      case "End":
        next = cards.length - 1;
        break;
      case "KeyX":
        if (event.shiftKey) {
          const group = groups.find((one) => one.cards.includes(card));
          if (group) {
            toggleGroup(group);
          }
        } else {
          toggle(card);
        }
        break;
      case "Space":
        toggle(card);
        break;
      case "Enter":
      case "NumpadEnter":
        props.onAccept();
        break;
      default:
        return;
    }
    event.preventDefault();
    if (next !== null) {
      all[Math.min(Math.max(next, 0), cards.length - 1)]?.focus();
    }
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the cards inside, which have roles
    <div ref={grid} className={styles.groups} onKeyDown={onKeyDown}>
      {groups.map((group) => {
        const words = labelWords(props.question, group.value);
        const n = group.cards.filter((card) => !isOut(card)).length;
        return (
          <section key={group.key} aria-label={words} className={styles.group}>
            <div className={styles.head}>
              <h2 dir="auto">{words}</h2>
              <span className={styles.small}>
                {t("{{n}} of {{all}} to be accepted", { n, all: group.cards.length })}
              </span>
              <button type="button" className={styles.all} onClick={() => toggleGroup(group)}>
                {n === 0 ? t("Take them all") : t("Leave all out")} <Cap>⇧X</Cap>
              </button>
            </div>
            <ul className={styles.cards}>
              {group.cards.map((card) => {
                const place = cards.indexOf(card);
                return (
                  <li key={card.id}>
                    <Card
                      {...props}
                      card={card}
                      isOut={isOut(card)}
                      isCurrent={place === at}
                      onCurrent={() => setCurrent(place)}
                      onToggle={() => toggle(card)}
                    />
                  </li>
                );
              })}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

export const isCovered = (card: BulkCard, uncovered: ReadonlySet<string>): boolean =>
  card.warning !== null && !uncovered.has(card.id);

interface CardProps extends Props {
  card: BulkCard;
  isOut: boolean;
  isCurrent: boolean;
  onCurrent: () => void;
  onToggle: () => void;
}

function Card({ card, isOut, isCurrent, onCurrent, onToggle, ...props }: CardProps) {
  const covered = isCovered(card, props.uncovered);
  const media = Object.values(card.media).flat();
  const picture = media.find((one) => one?.type?.startsWith("image/"));
  const others = props.questions.filter((one) => one.name !== props.question.name && one.name in card.shown);
  const text = covered ? (card.warning ?? "") : card.excerpt;
  return (
    <div className={styles.card} data-out={isOut || undefined}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it listens to the keys */}
      {/* biome-ignore lint/a11y/useSemanticElements: a card that holds text and pictures is no input */}
      <div
        role="checkbox"
        aria-checked={!isOut}
        aria-label={t("Accept {{id}}: {{text}}", { id: card.id, text })}
        tabIndex={isCurrent ? 0 : -1}
        className={styles.face}
        onFocus={onCurrent}
        onClick={(event) => {
          event.currentTarget.focus();
          onToggle();
        }}
      >
        <span className={styles.mark} aria-hidden>
          {isOut ? "✕" : "✓"}
        </span>
        {covered ? (
          <span className={styles.covered} dir="auto">
            {card.warning}
            <b>{t("Show it")}</b>
          </span>
        ) : (
          <>
            {picture && <img className={styles.picture} src={picture.url} alt="" loading="lazy" />}
            <span className={styles.text} dir="auto">
              {card.excerpt}
            </span>
            {media.length > 0 && !picture && (
              <span className={styles.small}>{t("It holds a file: open it to see or hear it.")}</span>
            )}
            {others.map((one) => (
              <span key={one.name} className={styles.label} dir="auto">
                {one.title || one.name}: {labelWords(one, card.shown[one.name]?.value)}
              </span>
            ))}
          </>
        )}
      </div>
      <div className={styles.foot}>
        <a
          href={itemPath(props.name, card.id)}
          target="_blank"
          rel="noreferrer"
          tabIndex={isCurrent ? 0 : -1}
          aria-label={t("Open {{id}} in a new tab", { id: card.id })}
          dir="auto"
        >
          {card.id}
        </a>
        {card.probability !== null && (
          <span className={styles.small}>
            {t("right in {{n}} of 100", { n: Math.round(100 * card.probability) })}
          </span>
        )}
      </div>
    </div>
  );
}
