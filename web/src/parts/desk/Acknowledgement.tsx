import { current, type Labelling } from "../../domain/labelling";
import type { Desk } from "../../session/desk";
import type { OutboxState } from "../../session/outbox";
import { useLabelling, useOutbox } from "../../session/useDesk";
import { t } from "../../words/words";
import styles from "./Acknowledgement.module.css";

/** Whether what was answered has reached the server. */
export function Acknowledgement({ desk }: { desk: Desk }) {
  const outbox = useOutbox(desk.outbox);
  const state = useLabelling(desk);
  const said = acknowledgement(outbox, state);
  const isAtRisk = outbox.waiting > 0 && desk.outbox.keptIn() === "memory";
  return (
    <>
      {hasDraftKept(state) && <span className={styles.draft}>{t("draft kept")}</span>}
      <span role="status" className={styles.said} data-tone={isAtRisk ? "trouble" : said.tone}>
        {said.text}
        {isAtRisk && t(" (only in this tab: keep it open)")}
      </span>
    </>
  );
}

/** Whether the server has what is begun on the item on the desk. Seen, not said: it changes with every key. */
function hasDraftKept(state: Labelling): boolean {
  const lease = current(state)?.lease ?? "";
  return state.drafts[lease] !== undefined && state.drafts[lease] === state.keptDrafts[lease];
}

function acknowledgement({ waiting, attempts, trouble }: OutboxState, { done }: Labelling) {
  if (trouble === "unreachable") {
    return {
      tone: "trouble",
      text: t("⚠ offline, retrying {{waiting}} (attempt {{value}})", { waiting, value: attempts + 1 }),
    };
  }
  if (waiting > 0) {
    return { tone: "quiet", text: t("saving…") };
  }
  switch (done[0]?.status) {
    case "saved":
      return { tone: "fine", text: t("✓ saved") };
    case "surplus":
      return { tone: "fine", text: t("✓ kept as surplus") };
    case "skipped":
      return { tone: "fine", text: t("✓ skipped") };
    case "taken back":
      return { tone: "fine", text: t("↶ taken back") };
    case "refused":
      return { tone: "trouble", text: t("⚠ not saved") };
    default:
      return { tone: "quiet", text: "" };
  }
}
