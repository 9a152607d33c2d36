import { Button, Tabs } from "@mantine/core";
import { useHash } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Refused } from "../api/problem";
import { counted } from "../domain/cockpit";
import { count } from "../domain/jobs";
import { readReport, share, warnings } from "../domain/report";
import { dashboardPath, labelPath } from "../domain/route";
import { Message } from "../parts/Message";
import { counting } from "../parts/manage/counting";
import { ManagerBar } from "../parts/manage/ManagerBar";
import { PageLink } from "../parts/PageLink";
import { AuditResult } from "../parts/results/AuditResult";
import { CardResult } from "../parts/results/CardResult";
import { FindingsResult } from "../parts/results/FindingsResult";
import { MoneyResult } from "../parts/results/MoneyResult";
import { PeopleResult } from "../parts/results/PeopleResult";
import { QuestionResult } from "../parts/results/QuestionResult";
import { SummaryTable } from "../parts/results/SummaryTable";
import { Trouble } from "../parts/Trouble";
import { useApi } from "../session/ApiContext";
import { navigate } from "../session/useRoute";
import { msg, t } from "../words/words";
import styles from "./ResultsPage.module.css";

const TABS = [
  ["accept", msg("Accepting"), QuestionResult],
  ["card", msg("The data set"), CardResult],
  ["audit", msg("Audit"), AuditResult],
  ["errors", msg("Where it errs"), FindingsResult],
  ["people", msg("People"), PeopleResult],
] as const;

/** `/p/<project>/results`: what may be accepted unseen, and how that is known. For managers. */
export default function ResultsPage({ name }: { name: string }) {
  const api = useApi();
  const [hash, setHash] = useHash({ getInitialValueInEffect: false });
  const found = useQuery({
    queryKey: ["report", name],
    queryFn: async () => readReport(await api.report(name)),
    staleTime: 0,
  });
  if (found.isError) {
    if (found.error instanceof Refused && found.error.status === 403) {
      return (
        <Message title={t("For managers")}>
          <p>{t("The results are shown to managers of the project only.")}</p>
          <Button onClick={() => navigate(labelPath(name))}>{t("Back to labelling")}</Button>
        </Message>
      );
    }
    return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data) {
    return counting(name, "results");
  }
  const report = found.data;
  return (
    <>
      <ManagerBar name={name} project={report.project} here="results" />
      <main className={styles.page}>
        <h1>
          {t("What may be accepted unseen")}
          <small>
            {[
              counted(report.n_items, "item"),
              report.model,
              t("guideline version {{guideline_version}}", { guideline_version: report.guideline_version }),
              t("{{n_human_labels}} answers by people", { n_human_labels: count(report.n_human_labels) }),
              t("limit {{target_error}} wrong at {{confidence_level}} confidence", {
                target_error: share(report.target_error),
                confidence_level: share(report.confidence_level),
              }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </small>
        </h1>
        {report.recorded && (
          <p className={styles.note}>
            {t(
              "The model's answers were recorded earlier: this shows the software at work and proves nothing about a model.",
            )}
          </p>
        )}
        {report.is_bound === false && (
          <div className={styles.warning} role="alert">
            {t(
              "Model, prompt, schema, guideline or target have changed since the calibration: its certificates are void. Calibrate again.",
            )}
            {report.void_because.length > 0 && (
              <ul>
                {report.void_because.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
            )}
          </div>
        )}
        {warnings(report).map((sentence) => (
          <p className={styles.warning} role="alert" key={sentence}>
            {sentence}
          </p>
        ))}
        <SummaryTable report={report} />
        {report.questions.every((question) => question.certificate === null) && (
          <p className={styles.note}>
            {t("The figures come with the models' answers and a blind sample labelled by people.")}{" "}
            <PageLink href={dashboardPath(name)}>{t("What is due next in this project")}</PageLink>
          </p>
        )}
        <Tabs value={tabOf(hash)} onChange={(tab) => setHash(tab ?? "accept")} keepMounted={false}>
          <Tabs.List className={styles.tabs}>
            {TABS.map(([tab, title]) => (
              <Tabs.Tab key={tab} value={tab}>
                {t(title)}
              </Tabs.Tab>
            ))}
            <Tabs.Tab value="money">{t("Money")}</Tabs.Tab>
          </Tabs.List>
          {TABS.map(([tab, , Part]) => (
            <Tabs.Panel key={tab} value={tab} className={styles.panel}>
              {report.questions.map((question) => (
                <Part key={question.name} question={question} />
              ))}
            </Tabs.Panel>
          ))}
          <Tabs.Panel value="money" className={styles.panel}>
            <MoneyResult report={report} />
          </Tabs.Panel>
        </Tabs>
      </main>
    </>
  );
}

function tabOf(hash: string): string {
  const asked = hash.replace(/^#/, "");
  return asked === "money" || TABS.some(([tab]) => tab === asked) ? asked : "accept";
}
