/** How this item shows what the model says, in a sentence; and why its label is wrong, where that is judged. */

import { Textarea } from "@mantine/core";
import type { Entry, Project } from "../../api/types";
import { questionsOf } from "../../domain/asked";
import type { Labelling } from "../../domain/labelling";
import { isHeldBack, isRejected, reasonOf } from "../../session/answering";
import { widgetFor } from "../../widgets/registry";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import styles from "./HowSuggested.module.css";

const LONGEST = 500;

interface Props {
  entry: Entry;
  project: Project;
  state: Labelling;
  rejectCap: string;
  onReject: () => void;
  onExplain: (reason: string) => void;
}

export function HowSuggested(props: Props) {
  const { entry, project, state } = props;
  if (entry.display === "after_choice") {
    return isHeldBack(entry) ? (
      <p className={styles.note}>
        {t("Answer first: then you see what the model says, and may change your answer.")}
      </p>
    ) : (
      <Revealed entry={entry} project={project} />
    );
  }
  if (entry.suggestions === null || Object.keys(entry.suggestions).length === 0) {
    return null;
  }
  if (entry.display === "prefilled") {
    return <p className={styles.note}>{t("The model has filled this in: check it before you submit.")}</p>;
  }
  return entry.display === "judge" ? <Judging {...props} state={state} /> : null;
}

function Judging({ entry, project, state, rejectCap, onReject, onExplain }: Props) {
  const isOther = isRejected(project, entry, state);
  const isMissing = isOther && state.attempted === entry.lease && reasonOf(entry, state) === "";
  return (
    <div className={styles.note}>
      <p>
        {t("Is the model right? Submit its label if it is; else give the right one, and say why.")}{" "}
        <button type="button" onClick={onReject}>
          <Cap>{rejectCap}</Cap> {t("It is wrong")}
        </button>
      </p>
      {isOther && (
        <Textarea
          label={t("Why is the model's label wrong?")}
          error={isMissing ? t("Say in a few words why it is wrong.") : undefined}
          required
          autosize
          minRows={1}
          maxLength={LONGEST}
          value={state.reasons[entry.lease] ?? ""}
          onChange={(event) => onExplain(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

function Revealed({ entry, project }: { entry: Entry; project: Project }) {
  const lines = questionsOf(project, entry).flatMap((question) => {
    const said = entry.suggestions?.[question.name];
    const widget = widgetFor(question.type);
    if (said === undefined || widget === null) {
      return [];
    }
    const words = (value: unknown) =>
      widget.describe(widget.initial(question.settings, value), question.settings) || t("none");
    const you = words(entry.first_answers?.[question.name] ?? null);
    return [{ name: question.name, title: question.title || question.name, you, model: words(said.value) }];
  });
  return (
    <ul className={styles.note} aria-label={t("You and the model")}>
      {lines.map(({ name, title, you, model }) => (
        <li key={name} data-differs={you !== model || undefined} dir="auto">
          <b>{title}</b>:{" "}
          {you === model
            ? t("you and the model both say {{you}}", { you })
            : t("you said {{you}}, the model says {{model}}", { you, model })}
        </li>
      ))}
      {lines.length === 0 && <li>{t("The model has no answer to this item.")}</li>}
    </ul>
  );
}
