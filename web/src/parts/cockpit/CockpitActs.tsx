import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { sentence } from "../../api/problem";
import type { Cockpit, CockpitQuestion, Recall } from "../../api/types";
import { answeredAlready, counted } from "../../domain/cockpit";
import { useApi } from "../../session/ApiContext";
import { t } from "../../words/words";
import { Confirm } from "../Confirm";
import styles from "./cockpit.module.css";

type Asking = { what: "apply" } | { what: "roll back" } | { what: "undo"; recall: Recall };

interface Props {
  name: string;
  cockpit: Cockpit;
  question: CockpitQuestion;
}

/** Put the certificates into effect, take that back, and take the taking back back. */
export function CockpitActs({ name, cockpit, question }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<(Asking & { key: string }) | null>(null);
  const [done, setDone] = useState("");
  const recalls = useQuery({ queryKey: ["recalls", name], queryFn: () => api.recalls(name), staleTime: 0 });
  const preview = useQuery({
    queryKey: ["recall-preview", name, question.name, asking?.key],
    queryFn: () => api.previewRecall(name, question.name),
    enabled: asking?.what === "roll back",
    retry: false,
    staleTime: 0,
  });
  const act = useMutation({
    mutationFn: async (asked: Asking & { key: string }): Promise<string> => {
      if (asked.what === "apply") {
        const { n_routed } = await api.applyCertificates(name, cockpit.plan, asked.key);
        return t("Applied: {{n_decisions}} written.", { n_decisions: counted(n_routed, "decision") });
      }
      if (asked.what === "roll back") {
        const made = await api.recallAll(name, question.name, "rolled back in the cockpit", asked.key);
        return t("Rolled back: {{n_items}} went back to people.", { n_items: counted(made.n_items, "item") });
      }
      const made = await api.undoRecall(name, asked.recall.recall, asked.key);
      return t("Undone: {{n_items}} stand as before, except where people have answered.", {
        n_items: counted(made.n_items, "item"),
      });
    },
    onSuccess: (words) => {
      setDone(words);
      setAsking(null);
    },
    onSettled: () =>
      Promise.all(
        ["cockpit", "recalls", "report"].map((key) => queries.invalidateQueries({ queryKey: [key, name] })),
      ),
  });
  // What was pressed is off or gone by then: what came of it is read, and the next key starts from there.
  const outcome = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (done !== "") {
      outcome.current?.focus({ preventScroll: true });
    }
  }, [done]);
  const ask = (what: Asking) => {
    act.reset();
    setDone("");
    // One key for one intention: sent again after a lost answer, it is done once.
    setAsking({ ...what, key: crypto.randomUUID() });
  };
  const { due } = cockpit;
  const mine = due.questions.find((one) => one.name === question.name);
  const held = (recalls.data ?? []).filter((one) => one.question === question.name && one.in_force);
  return (
    <section className={styles.card} aria-label={t("Apply and roll back")}>
      <h2>{t("Apply what is certified")}</h2>
      <p className={styles.say}>{standing(due, question, mine, held.length > 0)}</p>
      <div className={styles.acts}>
        <Button disabled={due.blocked !== null || due.n_items === 0} onClick={() => ask({ what: "apply" })}>
          {t("Apply")}
        </Button>
        <Button
          variant="default"
          disabled={question.n_accepted_now === 0}
          onClick={() => ask({ what: "roll back" })}
        >
          {t("Roll back")}
        </Button>
      </div>
      {done && (
        <p className={styles.done} role="status" ref={outcome} tabIndex={-1}>
          {done}
        </p>
      )}
      {act.isError && asking === null && <Problem error={act.error} />}
      {held.length > 0 && (
        <ul className={styles.recalls} aria-label={t("What was rolled back")}>
          {held.map((recall) => (
            <li key={recall.recall}>
              <span>
                {t("{{n_items}} taken back", { n_items: counted(recall.n_items, "item") })}
                {recall.slice !== null && ` (${recall.slice})`}: {recall.reason}
              </span>
              <Button variant="default" size="compact-sm" onClick={() => ask({ what: "undo", recall })}>
                {t("Undo")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {asking?.what === "apply" && (
        <Confirm
          title={t("Apply the certificates?")}
          act={t("Apply to {{n_items}}", { n_items: counted(due.n_items, "item") })}
          isBusy={act.isPending}
          onAct={() => act.mutate(asking)}
          onClose={() => setAsking(null)}
        >
          {due.questions.map((one) => (
            <p key={one.name}>
              {t("{{cockpit}}: {{n_accept}} accepted without a person, {{n_people}} sent to people", {
                cockpit: titleOf(cockpit, one.name),
                n_accept: counted(one.n_accept, "item"),
                n_people: counted(one.n_people, "item"),
              })}
              {answeredAlready(one.n_answered)}
              {one.n_sample > 0 &&
                t("; {{n_sample}} of the blind sample have their label from people", {
                  n_sample: counted(one.n_sample, "item"),
                })}
              .
            </p>
          ))}
          <p>{t("It can be rolled back at any time. All questions are applied together.")}</p>
          {act.isError && <Problem error={act.error} />}
        </Confirm>
      )}
      {asking?.what === "roll back" && (
        <Confirm
          title={t("Take back what is accepted?")}
          act={
            preview.data
              ? t("Take back {{n_items}}", { n_items: counted(preview.data.n_items, "item") })
              : t("Take back")
          }
          isBusy={act.isPending || preview.isFetching}
          isBlocked={preview.data === undefined}
          onAct={() => act.mutate(asking)}
          onClose={() => setAsking(null)}
        >
          {preview.isError ? (
            <Problem error={preview.error} />
          ) : preview.data ? (
            <p>
              {t("{{n_items}} go back to people.", { n_items: counted(preview.data.n_items, "item") })}{" "}
              {t(
                "{{n_answered}} of them have an answer already; {{n_labels}} will be asked for. It can be undone.",
                {
                  n_answered: counted(preview.data.n_answered, "item"),
                  n_labels: counted(preview.data.n_labels, "answer"),
                  count: preview.data.n_answered,
                },
              )}
            </p>
          ) : (
            <p>{t("Counting…")}</p>
          )}
          {act.isError && <Problem error={act.error} />}
        </Confirm>
      )}
      {asking?.what === "undo" && (
        <Confirm
          title={t("Give back what was taken?")}
          act={t("Accept {{n_items}} again", { n_items: counted(asking.recall.n_items, "item") })}
          isBusy={act.isPending}
          onAct={() => act.mutate(asking)}
          onClose={() => setAsking(null)}
        >
          <p>
            {t("{{n_items}} are accepted as before, except where people have answered since.", {
              n_items: counted(asking.recall.n_items, "item"),
            })}
          </p>
          {act.isError && <Problem error={act.error} />}
        </Confirm>
      )}
    </section>
  );
}

function Problem({ error }: { error: unknown }) {
  return (
    <p className={styles.trouble} role="alert">
      {sentence(error)}
    </p>
  );
}

function standing(
  due: Cockpit["due"],
  question: CockpitQuestion,
  mine: Cockpit["due"]["questions"][number] | undefined,
  isRolledBack: boolean,
): string {
  if (due.blocked !== null) {
    return t("It cannot be applied: {{blocked}}.", { blocked: due.blocked });
  }
  const now = t("{{n_items}} are accepted now.", {
    n_items: counted(question.n_accepted_now, "item"),
    count: question.n_accepted_now,
  });
  if (due.n_items === 0 && isRolledBack) {
    return t("{{now}} What was rolled back waits for people, unless it is undone below.", { now });
  }
  if (due.n_items === 0) {
    return t("{{now}} Everything is applied; what comes in later is routed by the next run.", { now });
  }
  const people = counted(mine?.n_people ?? 0, "item");
  return t(
    "{{now}} Applying accepts {{value}} and sends {{value2}} to people. Only the frozen limit is applied, wherever the slider stands.",
    {
      now,
      value: counted(mine?.n_accept ?? 0, "more item"),
      value2: `${people}${answeredAlready(mine?.n_answered ?? 0)}`,
    },
  );
}

function titleOf(cockpit: Cockpit, name: string): string {
  return cockpit.questions.find((one) => one.name === name)?.title ?? name;
}
