import { memo, useEffect, useRef } from "react";
import type { Entry, Project } from "../../api/types";
import { ItemContent } from "../../contents/ItemContent";
import { StatedFields } from "../../contents/stated";
import { shownQuestions } from "../../domain/asked";
import type { Cover } from "../../domain/cover";
import type { Labelling } from "../../domain/labelling";
import type { Keymap } from "../../keys/bindings";
import type { Command } from "../../keys/commands";
import { answerTo, isOpen, missing, suggestionOf } from "../../session/answering";
import { itemBeside } from "../../widgets/registry";
import { told } from "../../words/told";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import { Covered } from "./Covered";
import { HowSuggested } from "./HowSuggested";
import styles from "./ItemCard.module.css";
import { Opinions } from "./Opinions";
import { QuestionBlock } from "./QuestionBlock";
import { Reasoning } from "./Reasoning";

/** A choice changes the answers, not what is read. */
const Content = memo(ItemContent);

interface Props {
  entry: Entry;
  project: Project;
  state: Labelling;
  keymap: Keymap;
  /** What is printed on a command's key. */
  capFor: (command: Command) => string;
  onAct: (question: string, action: unknown) => void;
  onClear: (question: string) => void;
  onSubmit: () => void;
  onReasoning: () => void;
  onAdopt: (question: string, value: unknown) => void;
  onReject: () => void;
  /** What may distress is covered, then its pictures alone are veiled. */
  cover: Cover;
  onUncover: () => void;
  onExplain: (reason: string) => void;
}

/** The item on the desk and its questions. */
export function ItemCard(props: Props) {
  const { entry, project, state, keymap, capFor, onAct, onClear, onSubmit, onReasoning } = props;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    // A new item: the reading starts at its top, for eyes and ears.
    if (document.querySelector("[role='dialog']") === null) {
      card.current?.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    }
  }, []);
  const answers = state.drafts[entry.lease] ?? {};
  const isAttempted = state.attempted === entry.lease;
  const reasons = missing(project, entry, state);
  const questions = shownQuestions(project, entry, answers);
  const conditional = questions
    .filter((question) => question.show_when && entry.questions.includes(question.show_when.question))
    .map((question) => question.title || question.name);
  const suggested = questions.filter(
    (question) => suggestionOf(entry, question, state.showsSuggestions) !== null,
  );
  if (props.cover === "covered") {
    return (
      <article
        className={styles.card}
        ref={card}
        tabIndex={-1}
        aria-label={t("Item {{id}}", { id: entry.item.id })}
      >
        <Covered warning={entry.item.warning ?? ""} cap={capFor("uncover")} onUncover={props.onUncover} />
      </article>
    );
  }
  return (
    <article
      className={styles.card}
      ref={card}
      tabIndex={-1}
      aria-label={t("Item {{id}}", { id: entry.item.id })}
      data-veiled={props.cover === "veiled" || undefined}
    >
      {props.cover === "veiled" && (
        <button type="button" className={styles.veil} onClick={props.onUncover}>
          {t("Show the pictures")} <Cap>{capFor("uncover")}</Cap>
        </button>
      )}
      {entry.reason && (
        <p className={styles.why}>
          <span>{t("why here:")}</span> <bdi>{told(entry.reason)}</bdi>
        </p>
      )}
      {state.lost.includes(entry.lease) && (
        <p className={styles.lost}>
          {t(
            "This item waited long and was offered to somebody else. You can still submit: your answer is kept.",
          )}
        </p>
      )}
      <Content
        item={itemBeside(entry.item, questions)}
        contentFields={project.content_fields}
        contents={project.contents}
      />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <StatedFields value={project.contents}>
          {questions.map((question) => (
            <QuestionBlock
              key={question.name}
              id={`${entry.item.id}/${question.name}`}
              item={entry.item}
              question={question}
              value={answerTo(question, answers)}
              suggestion={suggestionOf(entry, question, state.showsSuggestions)}
              keys={keymap.byQuestion.get(question.name) ?? []}
              acceptCap={capFor("accept")}
              reasons={isAttempted ? (reasons.get(question) ?? []) : []}
              onAct={(action) => onAct(question.name, action)}
              onClear={question.required || isOpen(question, answers) ? null : () => onClear(question.name)}
            />
          ))}
        </StatedFields>
        <p role="status" className="for-ears">
          {conditional.length > 0 && t("Now asked as well: {{titles}}", { titles: conditional.join(", ") })}
        </p>
        <HowSuggested
          entry={entry}
          project={project}
          state={state}
          rejectCap={capFor("reject")}
          onReject={props.onReject}
          onExplain={props.onExplain}
        />
        <button type="submit" className="for-ears" tabIndex={-1}>
          {t("Submit")}
        </button>
      </form>
      <Opinions entry={entry} questions={suggested} cap={capFor("opinion")} onAdopt={props.onAdopt} />
      {suggested.length > 0 && (
        <Reasoning
          entry={entry}
          questions={suggested}
          isRecorded={project.recorded}
          isOpen={state.showsReasoning}
          cap={capFor("reasoning")}
          onToggle={onReasoning}
        />
      )}
    </article>
  );
}
