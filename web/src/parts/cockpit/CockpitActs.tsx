import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "../../api/problem";
import type { Cockpit, CockpitQuestion, Recall } from "../../api/types";
import { counted } from "../../domain/cockpit";
import { useApi } from "../../session/ApiContext";
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
        return `Applied: ${counted(n_routed, "decision")} written.`;
      }
      if (asked.what === "roll back") {
        const made = await api.recallAll(name, question.name, "rolled back in the cockpit", asked.key);
        return `Rolled back: ${counted(made.n_items, "item")} went back to people.`;
      }
      const made = await api.undoRecall(name, asked.recall.recall, asked.key);
      return `Undone: ${counted(made.n_items, "item")} stand as before, except where people have answered.`;
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
    <section className={styles.card} aria-label="Apply and roll back">
      <h2>Apply what is certified</h2>
      <p className={styles.say}>{standing(due, question, mine)}</p>
      <div className={styles.acts}>
        <Button disabled={due.blocked !== null || due.n_items === 0} onClick={() => ask({ what: "apply" })}>
          Apply
        </Button>
        <Button
          variant="default"
          disabled={question.n_accepted_now === 0}
          onClick={() => ask({ what: "roll back" })}
        >
          Roll back
        </Button>
      </div>
      {done && (
        <p className={styles.done} role="status">
          {done}
        </p>
      )}
      {act.isError && asking === null && <Problem error={act.error} />}
      {held.length > 0 && (
        <ul className={styles.recalls} aria-label="What was rolled back">
          {held.map((recall) => (
            <li key={recall.recall}>
              <span>
                {counted(recall.n_items, "item")} taken back{recall.slice !== null && ` (${recall.slice})`}:{" "}
                {recall.reason}
              </span>
              <Button variant="default" size="compact-sm" onClick={() => ask({ what: "undo", recall })}>
                Undo
              </Button>
            </li>
          ))}
        </ul>
      )}
      {asking?.what === "apply" && (
        <Confirm
          title="Apply the certificates?"
          act={`Apply to ${counted(due.n_items, "item")}`}
          isBusy={act.isPending}
          onAct={() => act.mutate(asking)}
          onClose={() => setAsking(null)}
        >
          {due.questions.map((one) => (
            <p key={one.name}>
              {titleOf(cockpit, one.name)}: {counted(one.n_accept, "item")} accepted without a person,{" "}
              {counted(one.n_people, "item")} sent to people
              {one.n_sample > 0 &&
                `; ${counted(one.n_sample, "item")} of the blind sample have their label from people`}
              .
            </p>
          ))}
          <p>It can be rolled back at any time. All questions are applied together.</p>
          {act.isError && <Problem error={act.error} />}
        </Confirm>
      )}
      {asking?.what === "roll back" && (
        <Confirm
          title="Take back what is accepted?"
          act={preview.data ? `Take back ${counted(preview.data.n_items, "item")}` : "Take back"}
          isBusy={act.isPending || preview.isFetching}
          isBlocked={preview.data === undefined}
          onAct={() => act.mutate(asking)}
          onClose={() => setAsking(null)}
        >
          {preview.isError ? (
            <Problem error={preview.error} />
          ) : preview.data ? (
            <p>
              {counted(preview.data.n_items, "item")} go back to people.{" "}
              {counted(preview.data.n_answered, "item")} of them{" "}
              {preview.data.n_answered === 1 ? "has" : "have"} an answer already;{" "}
              {counted(preview.data.n_labels, "answer")} will be asked for. It can be undone.
            </p>
          ) : (
            <p>Counting…</p>
          )}
          {act.isError && <Problem error={act.error} />}
        </Confirm>
      )}
      {asking?.what === "undo" && (
        <Confirm
          title="Give back what was taken?"
          act={`Accept ${counted(asking.recall.n_items, "item")} again`}
          isBusy={act.isPending}
          onAct={() => act.mutate(asking)}
          onClose={() => setAsking(null)}
        >
          <p>
            {counted(asking.recall.n_items, "item")} are accepted as before, except where people have answered
            since.
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
): string {
  if (due.blocked !== null) {
    return `It cannot be applied: ${due.blocked}.`;
  }
  const now = `${counted(question.n_accepted_now, "item")} ${question.n_accepted_now === 1 ? "is" : "are"} accepted now.`;
  if (due.n_items === 0) {
    return `${now} Everything is applied; what comes in later is routed by the next run.`;
  }
  return `${now} Applying accepts ${counted(mine?.n_accept ?? 0, "more item", "more items")} and sends ${counted(mine?.n_people ?? 0, "item")} to people. Only the frozen limit is applied, wherever the slider stands.`;
}

function titleOf(cockpit: Cockpit, name: string): string {
  return cockpit.questions.find((one) => one.name === name)?.title ?? name;
}
