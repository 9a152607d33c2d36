import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Refused } from "../api/problem";
import type { Dashboard } from "../api/types";
import { timeWords } from "../domain/cockpit";
import { calibrationWords } from "../domain/dashboard";
import { stateWords } from "../domain/jobs";
import { share } from "../domain/report";
import { labelPath, resultsPath } from "../domain/route";
import cards from "../parts/cockpit/cockpit.module.css";
import { Message } from "../parts/Message";
import { counting } from "../parts/manage/counting";
import { ManagerBar } from "../parts/manage/ManagerBar";
import { PageLink } from "../parts/PageLink";
import { DataTable } from "../parts/results/DataTable";
import { Fact, Facts } from "../parts/results/Facts";
import { Trouble } from "../parts/Trouble";
import { Bars } from "../plots/Bars";
import { money } from "../plots/Frontier";
import { HeatMap } from "../plots/HeatMap";
import { States } from "../plots/States";
import { useApi } from "../session/ApiContext";
import { navigate } from "../session/useRoute";
import { decimal } from "../words/figures";
import { told as fromServer } from "../words/told";
import { spoken, t } from "../words/words";
import styles from "./ResultsPage.module.css";

const AGAIN_MS = 60_000;
const MOST_JOBS = 5;

/** `/p/<project>/dashboard`: how the project goes. For managers. */
export default function DashboardPage({ name }: { name: string }) {
  const api = useApi();
  const found = useQuery({
    queryKey: ["dashboard", name],
    queryFn: () => api.dashboard(name),
    staleTime: 0,
    refetchInterval: AGAIN_MS,
  });
  if (found.isError && found.data === undefined) {
    if (found.error instanceof Refused && found.error.status === 403) {
      return (
        <Message title={t("For managers")}>
          <p>{t("How the project goes is shown to managers of the project only.")}</p>
          <Button onClick={() => navigate(labelPath(name))}>{t("Back to labelling")}</Button>
        </Message>
      );
    }
    return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data) {
    return counting(name, "dashboard");
  }
  const told = found.data;
  const left = told.queue.reduce((sum, one) => sum + one.open + one.leased, 0);
  return (
    <>
      <ManagerBar name={name} project={told.project} here="dashboard" />
      <main className={styles.page}>
        <h1>
          {t("How it goes")}
          <small>
            {t("Next: {{why}} ·", { why: told.next.why })} <code>{told.next.command}</code>
          </small>
        </h1>
        {told.recorded && (
          <p className={styles.note}>
            {t("The model's answers were recorded earlier, and their cost is an estimate.")}
          </p>
        )}
        <section className={cards.numbers} aria-label={t("In short")}>
          <Tile of={told.n_items.toLocaleString(spoken())} words={t("items")} />
          <Tile of={told.n_labels.toLocaleString(spoken())} words={t("answers by people")} />
          <Tile of={left.toLocaleString(spoken())} words={t("entries wait in the queue")} />
          <Tile
            of={money(told.cost.total)}
            words={told.cost.missing.length > 0 ? t("known cost so far") : t("cost so far")}
          />
        </section>
        <section className={cards.card} aria-label={t("Progress")}>
          <h2>{t("Progress")}</h2>
          {told.n_items === 0 && (
            <p className={cards.say}>
              {t("There are no items yet. Bring some in:")} <code>labelwright import FILE</code>
            </p>
          )}
          <div className={cards.plots}>
            {told.questions.map((question) => (
              <States key={question.name} question={question} nItems={told.n_items} />
            ))}
          </div>
          {told.queue.length > 0 && (
            <DataTable
              caption={t("The queue")}
              columns={[t("asked for"), t("open"), t("with somebody"), t("done")]}
              rows={told.queue.map((one) => ({
                key: one.purpose ?? "",
                cells: [one.purpose ?? t("everything"), one.open, one.leased, one.done],
              }))}
            />
          )}
        </section>
        <section className={cards.card} aria-label={t("Velocity")}>
          <h2>{t("Velocity")}</h2>
          {told.hours.length === 0 ? (
            <p className={cards.say}>{t("Nobody has answered yet.")}</p>
          ) : (
            <HeatMap counts={told.hours} />
          )}
        </section>
        <section className={cards.card} aria-label={t("People")}>
          <h2>{t("People")}</h2>
          {told.people.length === 0 ? (
            <p className={cards.say}>
              {t("Nobody is invited yet:")} <code>labelwright invite NAME</code>
            </p>
          ) : (
            <DataTable
              caption={t("By name, in no order of merit")}
              columns={[
                t("name"),
                t("answers"),
                t("items"),
                t("median time of an item"),
                t("agrees with others"),
                t("last answer"),
              ]}
              rows={told.people.map((one) => ({
                key: one.name,
                cells: [
                  one.is_simulated ? t("{{name}} (simulated)", { name: one.name }) : one.name,
                  one.n_labels.toLocaleString(spoken()),
                  one.n_items.toLocaleString(spoken()),
                  one.seconds === null ? "–" : t("{{n}} s", { n: one.seconds }),
                  one.agreement === null
                    ? t("not measurable")
                    : t("{{value}} of {{value2}}", { value: share(one.agreement), value2: one.n_pairs }),
                  one.last_at === null ? (
                    "–"
                  ) : (
                    <span key="at" className={cards.oneLine}>
                      {when(one.last_at)}
                    </span>
                  ),
                ],
              }))}
            >
              {t(
                "Agreement counts pairs of blind answers to the same question of the same item. Time is active time, as the page measures it.",
              )}
            </DataTable>
          )}
          {told.people.length > 0 && <Agreement told={told} />}
        </section>
        <div className={cards.two}>
          <Quality told={told} />
          <Spent told={told} />
        </div>
        <Jobs name={name} />
      </main>
    </>
  );
}

function when(at: string): string {
  return new Date(at).toLocaleString(spoken() === "en" ? "en-GB" : spoken(), {
    dateStyle: "medium",
    timeStyle: "short",
  });
}

function Tile({ of, words }: { of: string; words: string }) {
  return (
    <div className={cards.number}>
      <b>{of}</b>
      <span>{words}</span>
    </div>
  );
}

/** How often two people who could not see each other's answers gave the same. */
function Agreement({ told }: { told: Dashboard }) {
  const measured = told.questions.filter((question) => question.n_pairs > 0);
  if (measured.length === 0) {
    return (
      <p className={cards.say}>
        {t("How far people agree is not known: no item was answered blind by two. In project.yaml:")}{" "}
        <code>review_votes: 2</code>
      </p>
    );
  }
  return (
    <div className={cards.plots}>
      <Bars
        about={told.project}
        title={t("How often two people agree")}
        bars={measured.map(({ title, n_same, n_pairs }) => ({
          name: title,
          size: n_same / n_pairs,
          words: share(n_same / n_pairs),
        }))}
        whole={1}
        axis={t("pairs of blind answers that are the same")}
        unit="share"
        columns={[t("question"), t("the same"), t("pairs"), t("share")]}
        rows={measured.map(({ title, n_same, n_pairs }) => [
          title,
          String(n_same),
          String(n_pairs),
          share(n_same / n_pairs),
        ])}
      />
    </div>
  );
}

function Quality({ told }: { told: Dashboard }) {
  return (
    <section className={cards.card} aria-label={t("Calibration and audit")}>
      <h2>{t("Calibration and audit")}</h2>
      <Facts>
        <Fact name={t("Calibration")}>{calibrationWords(told.calibration)}</Fact>
        {told.questions.map(({ name, title, audit }) => (
          <Fact key={name} name={t("Audit: {{title}}", { title })}>
            {audit === null
              ? t("Nothing accepted, nothing to audit.")
              : audit.n_checked === 0
                ? t("{{n_drawn}} drawn, none checked yet", { n_drawn: audit.n_drawn })
                : t("{{n_wrong}} wrong of {{n_checked}} checked, {{low}} to {{high}}", {
                    n_wrong: audit.n_wrong,
                    n_checked: audit.n_checked,
                    low: share(audit.low),
                    high: share(audit.high),
                  })}
            {audit?.alarm && ` ⚠ ${audit.alarm}`}
          </Fact>
        ))}
        {told.questions.map(({ name, title, n_findings }) => (
          <Fact key={name} name={t("Where it errs: {{title}}", { title })}>
            {n_findings === null ? (
              <>
                {t("Not looked for yet:")} <code>labelwright slices</code>
              </>
            ) : (
              t("parts of the data that stand out: {{n_findings}}", { n_findings })
            )}
          </Fact>
        ))}
      </Facts>
      <p className={cards.say}>
        <PageLink href={resultsPath(told.project)}>{t("The curves and what they rest on")}</PageLink>
      </p>
    </section>
  );
}

function Spent({ told }: { told: Dashboard }) {
  const { cost, budget } = told;
  const parts = [
    { name: t("Models"), size: cost.calls },
    { name: t("Machines"), size: cost.machines },
    { name: t("People"), size: cost.people },
  ].filter((part) => part.size > 0);
  return (
    <section className={cards.card} aria-label={t("Cost")}>
      <h2>
        {t("Cost so far")}
        {cost.is_estimate && t(", estimated")}
      </h2>
      <Facts>
        <Fact name={t("Models")}>{money(cost.calls)}</Fact>
        {cost.machines > 0 && <Fact name={t("Machines")}>{money(cost.machines)}</Fact>}
        <Fact name={t("People")}>
          {cost.people === 0 && told.n_labels > 0 ? t("not known") : money(cost.people)} ·{" "}
          {timeWords(cost.people_seconds)}
        </Fact>
        {budget.limit_micro !== null && (
          <Fact name={t("Budget for models")}>
            {t("{{value}} of {{value2}}", {
              value: money(budget.spent_micro / 1e6),
              value2: money(budget.limit_micro / 1e6),
            })}
          </Fact>
        )}
        {cost.missing.map((words) => (
          <Fact key={words} name={t("Not in it")}>
            {fromServer(words)}
          </Fact>
        ))}
      </Facts>
      {parts.length > 1 && (
        <Bars
          about={told.project}
          title={t("What it was spent on")}
          bars={parts.map((part) => ({ ...part, words: money(part.size) }))}
          axis={t("dollars")}
          unit="money"
          columns={[t("spent on"), t("dollars")]}
          rows={parts.map(({ name, size }) => [name, decimal(size, 2)])}
        />
      )}
    </section>
  );
}

function Jobs({ name }: { name: string }) {
  const api = useApi();
  const found = useQuery({
    queryKey: ["jobs", name],
    queryFn: () => api.jobs(name),
    refetchInterval: AGAIN_MS,
  });
  const jobs = found.data?.jobs ?? [];
  return (
    <section className={cards.card} aria-label={t("Runs of the models")}>
      <h2>{t("Runs of the models")}</h2>
      {jobs.length === 0 ? (
        <p className={cards.say}>
          {found.isError ? t("The runs could not be read.") : t("There has been no run yet.")}
        </p>
      ) : (
        <DataTable
          caption={t("The newest")}
          columns={[t("started by"), t("state"), t("items"), t("failed")]}
          rows={jobs.slice(0, MOST_JOBS).map((job) => ({
            key: job.id,
            cells: [
              job.asked_by,
              stateWords(job),
              t("{{value}} of {{value2}}", { value: job.done, value2: job.total }),
              job.failed,
            ],
          }))}
        />
      )}
    </section>
  );
}
