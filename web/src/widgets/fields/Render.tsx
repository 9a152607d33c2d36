import { t } from "../../words/words";
import type { RenderProps } from "../widget";
import styles from "../widgets.module.css";
import { FieldInput } from "./FieldInput";
import own from "./fields.module.css";
import {
  type Action,
  inWords,
  optionsOf,
  problemOf,
  rowsOf,
  type Settings,
  titleOf,
  type Value,
} from "./logic";
import { Records } from "./Records";

export function Render(props: RenderProps<Settings, Value, Action>) {
  const { id, settings, value, suggestion, caps, describedBy, dispatch } = props;
  const suggested = suggestion?.value as Value | undefined;
  const isAttempted = describedBy !== undefined;
  let place = 0;
  return (
    <>
      {settings.fields.map((field) => {
        const isList = field.type === "records";
        const count = isList ? 1 : optionsOf(field).length;
        const ownCaps = caps.slice(place, place + count);
        place += count;
        const hint = suggested?.[field.name];
        const fact = value?.[field.name];
        const reason = isAttempted ? problemOf(field, fact) : null;
        const reasonId = reason === null ? undefined : `${id}/${field.name}/reason`;
        return (
          <div key={field.name} className={styles.field} data-incomplete={reason !== null || undefined}>
            <p className={styles.name}>
              <bdi>{titleOf(field)}</bdi>
              {field.required ? ` (${t("needed")})` : ""}
              {field.description && <small>{field.description}</small>}
              {hint !== undefined && <small>{t("suggested: {{what}}", { what: inWords(hint) })}</small>}
            </p>
            {isList ? (
              <Records
                id={`${id}/${field.name}`}
                field={field}
                rows={rowsOf(fact)}
                cap={ownCaps[0] ?? null}
                isAttempted={isAttempted}
                dispatch={dispatch}
              />
            ) : (
              <FieldInput
                name={`${id}/${field.name}`}
                field={field}
                fact={fact}
                caps={ownCaps}
                describedBy={reasonId}
                onFill={(to) => dispatch({ fill: field.name, to })}
              />
            )}
            {isList && Array.isArray(fact) && fact.length === 0 && (
              <p className={styles.hint}>{t("None, you say.")}</p>
            )}
            {reason !== null && (
              <p id={reasonId} className={own.reason}>
                ⚠ {reason}
              </p>
            )}
            {!field.required && (
              <label className={styles.tick}>
                <input
                  type="checkbox"
                  checked={fact === null}
                  onChange={(event) =>
                    dispatch({ fill: field.name, to: event.currentTarget.checked ? null : undefined })
                  }
                />
                {t("not stated")}
              </label>
            )}
          </div>
        );
      })}
      {settings.fields.some((field) => !field.required) && (
        <button type="button" className={styles.plain} onClick={() => dispatch({ rest: true })}>
          {caps[place] && <kbd>{caps[place]}</kbd>} {t("the rest is not stated")}
        </button>
      )}
    </>
  );
}
