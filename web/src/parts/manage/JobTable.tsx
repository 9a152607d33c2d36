import { Button, Progress } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { Job, JobAction } from "../../api/types";
import {
  ACTION_WORDS,
  advice,
  amountDone,
  count,
  dollars,
  percentDone,
  rate,
  stateWords,
  timeLeft,
  toneOf,
} from "../../domain/jobs";
import { localeOfDates, t } from "../../words/words";
import styles from "./JobTable.module.css";

interface Props {
  jobs: readonly Job[];
  /** The job whose change is under way. */
  busy: string | null;
  onAct: (job: Job, action: JobAction) => void;
}

const MARKS = { moving: "●", resting: "‖", trouble: "!", over: "✓" } as const;

/** Every run with how far it is, and what may be done with it; on a narrow screen each is a card. */
export function JobTable({ jobs, busy, onAct }: Props) {
  return (
    <table className={styles.table}>
      <caption className="for-ears">{t("Runs, newest first")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("Run")}</th>
          <th scope="col">{t("Items")}</th>
          <th scope="col">{t("Without answer")}</th>
          <th scope="col">{t("Speed")}</th>
          <th scope="col">{t("Left")}</th>
          <th scope="col">{t("Cost")}</th>
          <th scope="col">
            <span className="for-ears">{t("What to do")}</span>
          </th>
        </tr>
      </thead>
      {jobs.map((job) => (
        <JobRows key={job.id} job={job} isBusy={busy === job.id} onAct={onAct} />
      ))}
    </table>
  );
}

function JobRows({ job, isBusy, onAct }: { job: Job; isBusy: boolean; onAct: Props["onAct"] }) {
  const actions = useRef<HTMLSpanElement>(null);
  const hasActed = useRef(false);
  useEffect(() => {
    // What was pressed is gone once it is done: the focus goes to what may be done next, or stays in the row.
    if (hasActed.current && !isBusy && document.activeElement === document.body) {
      hasActed.current = false;
      (actions.current?.querySelector("button") ?? actions.current)?.focus({ preventScroll: true });
    }
  });
  const tone = toneOf(job);
  const said = advice(job);
  const name = t("run of {{created_at}}", { created_at: when(job.created_at) });
  return (
    <tbody data-tone={tone} aria-label={name}>
      <tr>
        <th scope="row">
          <span className={styles.state} data-tone={tone}>
            <span aria-hidden="true">{job.state === "cancelled" ? "–" : MARKS[tone]}</span> {stateWords(job)}
          </span>
          <span className={styles.when}>
            {when(job.created_at)} · {job.asked_by}
            {job.limit === null ? "" : t(" · at most {{limit}}", { limit: count(job.limit) })}
          </span>
        </th>
        <td data-heading={t("Items")}>
          <span>{amountDone(job)}</span>
          <Progress
            className={styles.line}
            value={percentDone(job)}
            size="sm"
            color={tone === "trouble" ? "var(--warn)" : "var(--accent)"}
            aria-label={t("Done of the {{name}}", { name })}
          />
        </td>
        <td data-heading={t("Without answer")}>{count(job.failed)}</td>
        <td data-heading={t("Speed")} data-empty={job.per_second === null || undefined}>
          {rate(job)}
        </td>
        <td data-heading={t("Left")} data-empty={job.seconds_left === null || undefined}>
          {timeLeft(job)}
        </td>
        <td data-heading={t("Cost")}>{dollars(job.cost_micro)}</td>
        <td>
          <span className={styles.actions} ref={actions} tabIndex={-1}>
            {job.actions.map((action) => (
              <Button
                key={action}
                size="compact-sm"
                variant={action === "resume" ? "filled" : "default"}
                disabled={isBusy}
                aria-label={t("{{action}} the {{name}}", { action: t(ACTION_WORDS[action]), name })}
                onClick={() => {
                  hasActed.current = true;
                  onAct(job, action);
                }}
              >
                {t(ACTION_WORDS[action])}
              </Button>
            ))}
          </span>
        </td>
      </tr>
      {said !== null && (
        <tr className={styles.aside} data-tone={tone}>
          <td colSpan={7}>{said}</td>
        </tr>
      )}
    </tbody>
  );
}

function when(instant: string): string {
  return new Date(instant).toLocaleString(localeOfDates(), { dateStyle: "medium", timeStyle: "medium" });
}
