import { Button, Progress } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Refused, sentence } from "../api/problem";
import type { Job, JobAction, Jobs, RunForecast } from "../api/types";
import { budgetWords, isMoving, percentSpent, stateWords, underWay } from "../domain/jobs";
import { labelPath } from "../domain/route";
import { Message } from "../parts/Message";
import { JobTable } from "../parts/manage/JobTable";
import { ManagerBar } from "../parts/manage/ManagerBar";
import { StartDialog } from "../parts/manage/StartDialog";
import { StartRun } from "../parts/manage/StartRun";
import { Trouble } from "../parts/Trouble";
import { useApi } from "../session/ApiContext";
import { navigate } from "../session/useRoute";
import { t } from "../words/words";
import styles from "./ResultsPage.module.css";

const SOON_MS = 2_000;
const LATER_MS = 15_000;

/** `/p/<project>/jobs`: what the models are doing, and what it costs. For managers. */
export default function JobsPage({ name }: { name: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const key = ["jobs", name];
  const found = useQuery({
    queryKey: key,
    queryFn: () => api.jobs(name),
    staleTime: 0,
    // A run may be started in a terminal, too: the page looks now and then also while nothing moves.
    refetchInterval: (query) => (isMoving(query.state.data?.jobs ?? []) ? SOON_MS : LATER_MS),
  });
  const refresh = () => queries.invalidateQueries({ queryKey: key });
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const start = useMutation({
    mutationFn: (limit: number | null) => api.startJob(name, limit, crypto.randomUUID()),
    onSettled: () => {
      setWanted(null);
      return refresh();
    },
  });
  const foresee = useMutation({
    mutationFn: (limit: number | null) => api.forecastJob(name, limit),
    onSuccess: (forecast, limit) => {
      if (forecast.asks) {
        setWanted({ forecast, limit });
      } else {
        start.mutate(limit);
      }
    },
  });
  const act = useMutation({
    mutationFn: ({ job, action }: { job: Job; action: JobAction }) =>
      api.actOnJob(name, job.id, action, crypto.randomUUID()),
    onSettled: refresh,
  });

  if (found.isError && found.data === undefined) {
    if (found.error instanceof Refused && found.error.status === 403) {
      return (
        <Message title={t("For managers")}>
          <p>{t("Runs are started and watched by managers of the project only.")}</p>
          <Button onClick={() => navigate(labelPath(name))}>{t("Back to labelling")}</Button>
        </Message>
      );
    }
    return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data) {
    return <Message title={t("One moment…")} />;
  }
  const failed = foresee.error ?? start.error ?? act.error ?? (found.isError ? found.error : null);
  return (
    <>
      <ManagerBar name={name} project={name} here="jobs" />
      <main className={styles.page}>
        <h1>
          {t("Runs of the models")}
          <small>{budgetWords(found.data.budget)}</small>
        </h1>
        <Spent jobs={found.data} />
        {failed !== null && (
          <p className={styles.warning} role="alert">
            {sentence(failed)}
          </p>
        )}
        <StartRun
          isBusy={foresee.isPending || start.isPending}
          blocked={whyBlocked(found.data.jobs)}
          onStart={(limit) => {
            act.reset();
            start.reset();
            foresee.mutate(limit);
          }}
        />
        {wanted !== null && (
          <StartDialog
            forecast={wanted.forecast}
            isBusy={start.isPending}
            onStart={() => start.mutate(wanted.limit)}
            onClose={() => setWanted(null)}
          />
        )}
        <p className="for-ears" role="status">
          {announced(found.data.jobs)}
        </p>
        {found.data.jobs.length === 0 ? (
          <p className={styles.note}>{t("There has been no run yet.")}</p>
        ) : (
          <section className={styles.card}>
            <JobTable
              jobs={found.data.jobs}
              busy={act.isPending ? act.variables.job.id : null}
              onAct={(job, action) => {
                foresee.reset();
                start.reset();
                act.mutate({ job, action });
              }}
            />
          </section>
        )}
      </main>
    </>
  );
}

interface Wanted {
  forecast: RunForecast;
  limit: number | null;
}

function Spent({ jobs }: { jobs: Jobs }) {
  const percent = percentSpent(jobs.budget);
  if (percent === null) {
    return null;
  }
  const isNearlyGone = percent > 90;
  return (
    <Progress
      value={percent}
      size="sm"
      color={isNearlyGone ? "var(--warn)" : "var(--accent)"}
      aria-label={t("Budget that is spent or set aside")}
    />
  );
}

function whyBlocked(jobs: readonly Job[]): string | null {
  const open = underWay(jobs);
  if (open === undefined) {
    return null;
  }
  return open.actions.includes("resume")
    ? t("A run is not finished: resume it or cancel it. Two at once would pay for the same items.")
    : t("A run is under way. Two at once would pay for the same items.");
}

/** What a screen reader says when it changes: how the newest run stands, not each step of it. */
function announced(jobs: readonly Job[]): string {
  const newest = jobs[0];
  return newest === undefined ? "" : t("Newest run: {{newest}}", { newest: stateWords(newest) });
}
