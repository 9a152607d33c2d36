import type { Item, Question, Suggestion } from "../../api/types";
import type { BoundKey } from "../../keys/bindings";
import { widgetFor } from "../../widgets/registry";
import type { Reason } from "../../widgets/widget";
import { t } from "../../words/words";
import styles from "./QuestionBlock.module.css";

/** In characters: a title that is rather a text is set as one. */
const LONG = 240;

interface Props {
  id: string;
  item: Item;
  question: Question;
  value: unknown;
  suggestion: Suggestion | null;
  keys: readonly BoundKey[];
  acceptCap: string;
  reasons: readonly Reason[];
  onAct: (action: unknown) => void;
  /** Take away what was begun; null where there is nothing, or where an answer is needed. */
  onClear: (() => void) | null;
}

/** One question, drawn by its type's widget. */
export function QuestionBlock(props: Props) {
  const { id, item, question, value, suggestion, keys, acceptCap, reasons, onAct, onClear } = props;
  const widget = widgetFor(question.type);
  const problemId = reasons.length > 0 ? `${id}/problem` : undefined;
  return (
    <fieldset className={styles.question} data-incomplete={reasons.length > 0 || undefined}>
      <legend>
        <span dir="auto" data-long={question.title.length > LONG || undefined}>
          {question.title || question.name.replaceAll("_", " ")}
        </span>
        {widget && (
          <small>
            {t(widget.arity)}
            {!question.required && ` · ${t("may be left open")}`}
          </small>
        )}
      </legend>
      {question.help && (
        <p className={styles.help} dir="auto">
          {question.help}
        </p>
      )}
      {reasons.length > 0 && (
        <p id={problemId} role="alert" className={styles.problem}>
          ⚠ {reasons.map((reason) => reason.text).join(" ")}
        </p>
      )}
      {widget === null && (
        <p className={styles.problem}>
          {t(
            "Questions of the type {{type}} cannot be answered on this page. Skip the item, or tell whoever leads the project.",
            { type: question.type },
          )}
        </p>
      )}
      {widget && (
        <widget.Render
          id={id}
          title={question.title || question.name.replaceAll("_", " ")}
          item={item}
          settings={question.settings}
          value={value}
          suggestion={suggestion}
          caps={keys.map((key) => key.cap)}
          acceptCap={acceptCap}
          describedBy={problemId}
          dispatch={onAct}
        />
      )}
      {onClear && (
        <button type="button" className={styles.open} onClick={onClear}>
          {t("leave it open")}
        </button>
      )}
    </fieldset>
  );
}
