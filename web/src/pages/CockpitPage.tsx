import { Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Refused } from "../api/problem";
import type { Cockpit, CockpitQuestion } from "../api/types";
import { counted, frozenPlace, weigh } from "../domain/cockpit";
import { dashboardPath, labelPath, settingsPath } from "../domain/route";
import { AnotherLimit } from "../parts/cockpit/AnotherLimit";
import { CockpitActs } from "../parts/cockpit/CockpitActs";
import { CockpitItems } from "../parts/cockpit/CockpitItems";
import { CockpitNumbers } from "../parts/cockpit/CockpitNumbers";
import { CockpitStanding } from "../parts/cockpit/CockpitStanding";
import cards from "../parts/cockpit/cockpit.module.css";
import { LimitSlider } from "../parts/cockpit/LimitSlider";
import { Message } from "../parts/Message";
import { counting } from "../parts/manage/counting";
import { ManagerBar } from "../parts/manage/ManagerBar";
import { PageLink } from "../parts/PageLink";
import { Trouble } from "../parts/Trouble";
import { RiskCoverage } from "../plots/RiskCoverage";
import { useApi } from "../session/ApiContext";
import { navigate } from "../session/useRoute";
import { decimal, upTo } from "../words/figures";
import { t } from "../words/words";
import styles from "./ResultsPage.module.css";

/** `/p/<project>/cockpit`: weigh a limit, look at what it lets through, apply, roll back. For managers. */
export default function CockpitPage({ name }: { name: string }) {
  const api = useApi();
  const [chosen, setChosen] = useState<string | null>(null);
  const found = useQuery({ queryKey: ["cockpit", name], queryFn: () => api.cockpit(name), staleTime: 0 });
  if (found.isError && found.data === undefined) {
    if (found.error instanceof Refused && found.error.status === 403) {
      return (
        <Message title={t("For managers")}>
          <p>{t("What may be accepted is weighed by managers of the project only.")}</p>
          <Button onClick={() => navigate(labelPath(name))}>{t("Back to labelling")}</Button>
        </Message>
      );
    }
    return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data) {
    return counting(name, "cockpit");
  }
  const cockpit = found.data;
  const question = cockpit.questions.find((one) => one.name === chosen) ?? cockpit.questions[0];
  return (
    <>
      <ManagerBar name={name} project={cockpit.project} here="cockpit" />
      <main className={styles.page}>
        <h1>
          {t("How much to accept unseen")}
          <small>{aboutWords(cockpit, question)}</small>
        </h1>
        {cockpit.recorded && (
          <p className={styles.note}>
            {t(
              "The model's answers were recorded earlier: this shows the software at work and proves nothing about a model.",
            )}
          </p>
        )}
        {(cockpit.n_uncovered ?? 0) > 0 && (
          <p className={cards.say}>
            {t(
              "{{number}} items came after the pool was frozen, and no certificate covers them. People label them; or a new sample is drawn from all that nobody has labelled:",
              { number: cockpit.n_uncovered ?? 0 },
            )}{" "}
            <code>labelwright calibrate --new-pool</code>
          </p>
        )}
        {cockpit.questions.length > 1 && question && (
          <SegmentedControl
            aria-label={t("Question")}
            value={question.name}
            onChange={setChosen}
            data={cockpit.questions.map((one) => ({ value: one.name, label: one.title }))}
          />
        )}
        {question && <OneQuestion key={question.name} name={name} cockpit={cockpit} question={question} />}
      </main>
    </>
  );
}

interface Props {
  name: string;
  cockpit: Cockpit;
  question: CockpitQuestion;
}

function OneQuestion({ name, cockpit, question }: Props) {
  const frozen = frozenPlace(question.rungs);
  const [place, setPlace] = useState(frozen);
  const rung = question.rungs[Math.min(place, question.rungs.length - 1)];
  const certificate = question.certificate;
  if (rung === undefined || certificate === null) {
    return (
      <section className={cards.card} aria-label={question.title}>
        <h2>{t("Nothing is certified")}</h2>
        <p className={cards.say}>
          {cockpit.due.blocked ?? t("The project names no model: everything goes to people.")}
        </p>
        {cockpit.due.blocked === null && (
          <p className={cards.say}>
            {t("To let a model help, name it under models in project.yaml:")}{" "}
            <PageLink href={settingsPath(name)}>{t("to the settings")}</PageLink>
          </p>
        )}
        {question.void_because.length > 0 && (
          <ul>
            {question.void_because.map((why) => (
              <li key={why}>{why}</li>
            ))}
          </ul>
        )}
        <p className={cards.say}>
          <PageLink href={dashboardPath(name)}>{t("What is due next in this project")}</PageLink>
        </p>
      </section>
    );
  }
  const inForce = question.rungs[frozen];
  return (
    <>
      <CockpitNumbers question={question} weighed={weigh(cockpit, question, rung)} />
      <div className={cards.two}>
        <div className={cards.column}>
          <section className={cards.card} aria-label={t("The limit")}>
            <LimitSlider rungs={question.rungs} place={place} onPlace={setPlace} />
            <CockpitStanding question={question} rung={rung} />
            <p className={cards.say}>{unknownWords(cockpit)}</p>
          </section>
          <section className={cards.card} aria-label={t("The curve")}>
            <RiskCoverage
              question={{
                ...question,
                certificate: {
                  is_certified: inForce?.is_certified ?? false,
                  target_error: certificate.target_error,
                  coverage: inForce?.coverage ?? 0,
                },
              }}
              {...(rung.is_frozen ? {} : { tried: rung.coverage })}
            />
          </section>
          <CockpitActs name={name} cockpit={cockpit} question={question} />
          <AnotherLimit cockpit={cockpit} rung={rung} nCalibration={certificate.n_calibration} />
        </div>
        <div className={cards.column}>
          <CockpitItems name={name} question={question} rung={rung} />
        </div>
      </div>
    </>
  );
}

function aboutWords(cockpit: Cockpit, question: CockpitQuestion | undefined): string {
  return [
    counted(cockpit.n_items, "item"),
    cockpit.model,
    question?.certificate &&
      t("{{n_calibration}} blind labels, drawn at random", {
        n_calibration: question.certificate.n_calibration,
      }),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What the figures of work and money rest on, and what they lack. */
function unknownWords({ seconds_per_answer, wage_per_hour, review_votes }: Cockpit): string {
  const time =
    seconds_per_answer === null
      ? t("How long an answer takes is not known yet: none was timed.")
      : t("An answer has taken {{seconds_per_answer}} s on average.", {
          seconds_per_answer: upTo(Number(seconds_per_answer.toPrecision(2)), 10),
        });
  const wage =
    wage_per_hour === null
      ? t("For money, write costs: {wage_per_hour: 18} in project.yaml, say, and run labelwright apply.")
      : t("An hour costs ${{wage_per_hour}}, overhead included.", {
          wage_per_hour: decimal(wage_per_hour, 2),
        });
  const votes = review_votes === 1 ? "" : t(" {{review_votes}} people answer each item.", { review_votes });
  return t("{{time}} {{wage}}{{votes}} All of it is expected, not promised.", { time, wage, votes });
}
