import { Button } from "@mantine/core";
import type { HistoryEvent, ItemHistory, Question } from "../../api/types";
import { type Earlier, earlierLabel, eventWords } from "../../domain/itemLife";
import { localeOfDates, t } from "../../words/words";
import styles from "./item.module.css";

interface Props {
  history: ItemHistory;
  questions: readonly Question[];
  onRestore: (earlier: Earlier) => void;
  onUndoRestore: (annotation: string) => void;
}

/** All that happened, newest first: what one looks for is mostly what was done last. */
export function Timeline({ history, questions, onRestore, onUndoRestore }: Props) {
  return (
    <ol className={styles.timeline} reversed>
      {[...history.events].reverse().map((event) => (
        <Row
          key={`${event.position}/${event.kind}/${event.question}/${event.told.id}`}
          event={event}
          history={history}
          question={questions.find((one) => one.name === event.question)}
          several={history.questions.length > 1}
          onRestore={onRestore}
          onUndoRestore={onUndoRestore}
        />
      ))}
    </ol>
  );
}

interface RowProps extends Omit<Props, "questions"> {
  event: HistoryEvent;
  question: Question | undefined;
  several: boolean;
}

function Row({ event, history, question, several, onRestore, onUndoRestore }: RowProps) {
  const { title, facts } = eventWords(event, question);
  const earlier = history.sees_all ? earlierLabel(event, history) : null;
  const decision =
    event.kind === "answered" && event.told.purpose === "adjudication" && event.told.stands === true;
  const asked = event.question === null || !several ? null : question?.title || event.question;
  return (
    <li data-kind={event.kind}>
      <time className={styles.when} dateTime={event.at}>
        {new Date(event.at).toLocaleString(localeOfDates(), { dateStyle: "medium", timeStyle: "short" })}
      </time>
      <span className={styles.title} dir="auto">
        {title} {asked !== null && <span className={styles.about}>· {asked}</span>}
      </span>
      <ul className={styles.facts}>
        {facts.map((fact) => (
          <li key={fact}>
            <bdi>{fact}</bdi>
          </li>
        ))}
      </ul>
      {earlier !== null && (
        <Button
          variant="default"
          size="compact-sm"
          mt={6}
          aria-label={t("Restore this label: {{title}}", { title })}
          onClick={() => onRestore(earlier)}
        >
          {t("Restore this label")}
        </Button>
      )}
      {decision && history.sees_all && (
        <Button
          variant="default"
          size="compact-sm"
          mt={6}
          aria-label={t("Undo this restore: {{title}}", { title })}
          onClick={() => onUndoRestore(String(event.told.id))}
        >
          {t("Undo this restore")}
        </Button>
      )}
    </li>
  );
}
