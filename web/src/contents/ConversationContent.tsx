import { lazy, Suspense, useId, useRef, useState } from "react";
import { t } from "../words/words";
import type { ContentProps } from "./content";
import { type ReadTurn, readTurns } from "./conversation";
import styles from "./conversation.module.css";
import { JsonContent } from "./JsonContent";
import { turnsOf } from "./layoutOf";

const MarkdownText = lazy(() => import("./MarkdownText").then((file) => ({ default: file.MarkdownText })));

/** Longer turns are folded, so that the whole conversation can be looked over. */
const LONG = 1_200;
/** From so many turns on there is a way to each. */
const MANY = 8;

/** `as: conversation`: numbered turns, each under its speaker's name. Settings: `markdown`. */
export default function ConversationContent({ value, settings, title }: ContentProps) {
  const list = useRef<HTMLOListElement>(null);
  const turns = turnsOf(value);
  if (turns === null) {
    return <JsonContent value={value} />;
  }
  const read = readTurns(turns);
  const goTo = (number: number) => {
    const turn = list.current?.querySelector<HTMLElement>(`[data-turn="${number}"]`);
    turn?.scrollIntoView({ block: "nearest" });
    turn?.focus({ preventScroll: true });
  };
  return (
    <div className={styles.conversation}>
      {read.length >= MANY && (
        <label className={styles.jump}>
          {t("Go to turn")}{" "}
          <select defaultValue="" onChange={(event) => goTo(Number(event.target.value))}>
            <option value="" disabled>
              …
            </option>
            {read.map(({ number, role, text }) => (
              <option key={number} value={number}>
                {`${number} · ${role.slice(0, 30)}: ${text.slice(0, 40)}`}
              </option>
            ))}
          </select>
        </label>
      )}
      <ol className={styles.turns} ref={list} aria-label={title} data-many={read.length > 60}>
        {read.map((turn) => (
          <TurnBlock key={turn.number} turn={turn} isMarkdown={settings.markdown === true} />
        ))}
      </ol>
    </div>
  );
}

function TurnBlock({ turn, isMarkdown }: { turn: ReadTurn; isMarkdown: boolean }) {
  const { number, role, side, text, more } = turn;
  const id = useId();
  const isLong = text.length > LONG;
  const [isOpen, setOpen] = useState(!isLong);
  return (
    <li
      className={styles.turn}
      data-turn={number}
      data-side={side}
      tabIndex={-1}
      aria-label={t("turn {{number}}, {{role}}", { number, role: role.slice(0, 60) })}
    >
      <div className={styles.who}>
        <span className={styles.number}>{number}</span> <b dir="auto">{role}</b>
      </div>
      {text && (
        <div id={id} className={isOpen ? undefined : styles.folded}>
          {isMarkdown ? (
            <Suspense fallback={<p className={styles.text}>{text}</p>}>
              <MarkdownText text={text} isMain={false} isFramed={false} name={role} />
            </Suspense>
          ) : (
            <p className={styles.text} dir="auto">
              {text}
            </p>
          )}
        </div>
      )}
      {isLong && (
        <button
          type="button"
          className={styles.fold}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? t("Fold") : t("Show all of turn {{number}}", { number })}
        </button>
      )}
      {more !== null && <JsonContent value={more} />}
    </li>
  );
}
