import type { Project } from "../../api/types";
import type { Done } from "../../domain/labelling";
import { canUndo } from "../../session/answering";
import type { Desk } from "../../session/desk";
import { describeAnswers } from "../../session/useDesk";
import { t } from "../../words/words";
import styles from "./JustDone.module.css";

const SIGN = {
  "on its way": "…",
  saved: "✓",
  surplus: "✓",
  skipped: "↷",
  "taken back": "↶",
  refused: "⚠",
} as const;

/** What fits beside an item without scrolling. */
const LINES = 10;

/** The last answers; a click brings one back. */
export function JustDone({ desk, project, done }: { desk: Desk; project: Project; done: readonly Done[] }) {
  return (
    <nav className={styles.rail} aria-label={t("Your last answers")}>
      <h2>{t("Just done")}</h2>
      {done.length === 0 && <p>{t("Your last answers appear here; a click brings one back.")}</p>}
      <ul>
        {done.slice(0, LINES).map((one) => {
          const says = one.kind === "skip" ? "skipped" : describeAnswers(project, one);
          return (
            <li key={one.key} data-status={one.status}>
              <button
                type="button"
                disabled={!canUndo(one)}
                onClick={() => desk.undo(one.key)}
                title={canUndo(one) ? t("Take back and change") : undefined}
              >
                <b dir="auto">{one.preview}</b>
                <span>
                  <i aria-hidden="true">{SIGN[one.status]}</i> {says}
                  {one.status !== "saved" && one.status !== says && ` (${one.status})`}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
