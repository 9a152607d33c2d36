import { Button, CloseButton } from "@mantine/core";
import type { KeyboardEvent } from "react";
import { useEffect, useRef } from "react";
import { sentence } from "../../api/problem";
import type { Objection, Project } from "../../api/types";
import { widgetFor } from "../../widgets/registry";
import { t } from "../../words/words";
import panel from "./AssistantPanel.module.css";
import styles from "./ObjectionsPanel.module.css";

interface Props {
  project: Project;
  objections: readonly Objection[];
  /** The answer that is being given anew. */
  changing: Objection | null;
  /** Why it could not be kept. */
  problem: unknown;
  isBusy: boolean;
  onKeep: (objection: Objection) => void;
  onChange: (objection: Objection) => void;
  onClose: () => void;
}

/** What a model says against answers that are given already. The item on the desk stays in use beside it. */
export default function ObjectionsPanel(props: Props) {
  const { project, objections, changing, problem, isBusy, onKeep, onChange, onClose } = props;
  const place = useRef<HTMLElement>(null);
  useEffect(() => place.current?.focus(), []);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    }
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the focus comes here, and the region scrolls
    <section
      ref={place}
      tabIndex={-1}
      className={panel.panel}
      aria-label={t("What the model says against your answers")}
      onKeyDown={onKeyDown}
    >
      <header className={panel.head}>
        <h2>{t("The model would answer otherwise")}</h2>
        <CloseButton size="lg" aria-label={t("Close")} onClick={onClose} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className={panel.thread} role="log" aria-label={t("Objections")} tabIndex={0}>
        <p className={panel.note}>
          {t(
            "Your answers are saved and count. A model has held them against the guideline; it can be wrong. Keep your answer, or change it: both are recorded.",
          )}
        </p>
        {changing && (
          <article className={styles.objection} data-changing>
            <h3>{t("You are changing this answer")}</h3>
            <Said objection={changing} project={project} />
          </article>
        )}
        {objections.map((one) => (
          <article key={one.id} className={styles.objection}>
            <Said objection={one} project={project} />
            <p className={styles.verbs}>
              <Button variant="default" disabled={isBusy} onClick={() => onKeep(one)}>
                {t("Keep my answer")}
              </Button>
              <Button variant="light" disabled={isBusy} onClick={() => onChange(one)}>
                {t("Change it")}
              </Button>
            </p>
          </article>
        ))}
        {objections.length === 0 && changing === null && (
          <p className={panel.note}>{t("Nothing is said against your answers now.")}</p>
        )}
      </div>
      {problem !== null && (
        <div className={panel.problem} role="alert">
          {sentence(problem)}
        </div>
      )}
    </section>
  );
}

function Said({ objection, project }: { objection: Objection; project: Project }) {
  const question = project.questions.find((one) => one.name === objection.question);
  const widget = question && widgetFor(question.type);
  const answer = widget
    ? widget.describe(widget.initial(question.settings, objection.answer), question.settings) || t("none")
    : "";
  return (
    <>
      <p className={styles.item} dir="auto">
        {objection.item.preview || objection.item.id}
      </p>
      <p>
        <b dir="auto">{question?.title || objection.question}</b>: {t("you said {{answer}}", { answer })}
      </p>
      <blockquote className={panel.answer}>
        {/* A model's words are only ever text. */}
        <p className={styles.reason} dir="auto">
          {objection.reason}
        </p>
        {objection.evidence.map((quote) => (
          <q key={quote} className={styles.quote} dir="auto">
            {quote}
          </q>
        ))}
        <p className={panel.model}>{objection.model}</p>
      </blockquote>
    </>
  );
}
