import { t } from "../../words/words";
import styles from "../widgets.module.css";
import { FieldInput } from "./FieldInput";
import own from "./fields.module.css";
import { type Action, type Field, partProblem, type Row, titleOf } from "./logic";

interface Props {
  id: string;
  field: Field;
  rows: readonly Row[];
  cap: string | null;
  /** Submitting was tried: what is missing is said. */
  isAttempted: boolean;
  dispatch: (action: Action) => void;
}

/** A list of records, each a small form. */
export function Records({ id, field, rows, cap, isAttempted, dispatch }: Props) {
  return (
    <>
      <ol className={own.records}>
        {rows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a record is known by its place alone
          <li key={at}>
            <fieldset className={own.record}>
              <legend className="for-ears">{`${titleOf(field)} ${at + 1}`}</legend>
              {(field.fields ?? []).map((part) => {
                const reason = isAttempted ? partProblem(part, row[part.name]) : null;
                const reasonId = reason === null ? undefined : `${id}/${at}/${part.name}/reason`;
                return (
                  <div key={part.name} className={own.part}>
                    <p className={styles.name}>
                      <bdi>{titleOf(part)}</bdi>
                      {part.required ? ` (${t("needed")})` : ""}
                      {part.description && <small>{part.description}</small>}
                    </p>
                    <FieldInput
                      name={`${id}/${at}/${part.name}`}
                      field={part}
                      fact={row[part.name]}
                      caps={[]}
                      describedBy={reasonId}
                      onFill={(to) => dispatch({ part: field.name, at, fill: part.name, to })}
                    />
                    {reason !== null && (
                      <p id={reasonId} className={own.reason}>
                        ⚠ {reason}
                      </p>
                    )}
                  </div>
                );
              })}
              <button
                type="button"
                className={styles.plain}
                aria-label={t("remove {{field}} {{number}}", { field: titleOf(field), number: at + 1 })}
                onClick={() => dispatch({ remove: field.name, at })}
              >
                ×
              </button>
            </fieldset>
          </li>
        ))}
      </ol>
      <button type="button" className={styles.plain} onClick={() => dispatch({ add: field.name })}>
        {cap && <kbd>{cap}</kbd>} {t("{{field}}: add one", { field: titleOf(field) })}
      </button>
      <button type="button" className={styles.plain} onClick={() => dispatch({ fill: field.name, to: [] })}>
        {t("there is none")}
      </button>
    </>
  );
}
