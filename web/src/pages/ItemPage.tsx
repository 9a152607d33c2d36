import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Refused, sentence } from "../api/problem";
import type { ItemHistory, NewRemark, Project } from "../api/types";
import { ItemContent } from "../contents/ItemContent";
import type { Earlier } from "../domain/itemLife";
import { itemsPath, labelPath } from "../domain/route";
import styles from "../parts/item/item.module.css";
import { ReasonTree } from "../parts/item/ReasonTree";
import { Remarks } from "../parts/item/Remarks";
import { RestoreDialog } from "../parts/item/RestoreDialog";
import { Similar } from "../parts/item/Similar";
import { Timeline } from "../parts/item/Timeline";
import { Message } from "../parts/Message";
import { ManagerBar } from "../parts/manage/ManagerBar";
import { Trouble } from "../parts/Trouble";
import { useApi } from "../session/ApiContext";
import { useProject } from "../session/useProject";
import { navigate } from "../session/useRoute";
import { t } from "../words/words";
import pages from "./ResultsPage.module.css";

/** `/p/<project>/items/<id>`: an item's life. Managers see all of it; others what they did themselves. */
export default function ItemPage({ name, item }: { name: string; item: string }) {
  const api = useApi();
  const project = useProject(name);
  const found = useQuery({
    queryKey: ["item", name, item],
    queryFn: () => api.history(name, item),
    staleTime: 0,
  });
  const error = found.data === undefined ? (found.error ?? project.error) : null;
  if (error !== null) {
    if (error instanceof Refused && error.status === 404) {
      return (
        <Message title={t("No such item")}>
          <p>{t("There is no item {{item}} here that you have had.", { item })}</p>
          <Button onClick={() => navigate(labelPath(name))}>{t("Back to labelling")}</Button>
        </Message>
      );
    }
    return <Trouble error={error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data || !project.data) {
    return <Message title={t("One moment…")} />;
  }
  return <Life name={name} history={found.data} project={project.data} />;
}

function Life({ name, history, project }: { name: string; history: ItemHistory; project: Project }) {
  const api = useApi();
  const queries = useQueryClient();
  const [restoring, setRestoring] = useState<Earlier | null>(null);
  const id = history.item.id;
  const act = useMutation({
    mutationFn: (work: () => Promise<unknown>) => work(),
    onSettled: () => queries.invalidateQueries({ queryKey: ["item", name, id] }),
    onSuccess: () => setRestoring(null),
  });
  const key = () => crypto.randomUUID();
  const asked = (question: string) => project.questions.find((one) => one.name === question);
  const metadata = Object.entries(history.item.metadata);
  return (
    <>
      {history.sees_all ? (
        <ManagerBar name={name} project={history.project} here="item" />
      ) : (
        <header className={pages.page}>
          <Button variant="default" size="compact-md" onClick={() => navigate(labelPath(name))}>
            {t("Back to labelling")}
          </Button>
        </header>
      )}
      <main className={pages.page}>
        <h1>
          {t("Item {{id}}", { id })}
          <small>
            {history.sees_all
              ? t("All that happened to it, and why its label is what it is.")
              : t("What you did with it; what others remarked is shown once you have answered.")}
          </small>
        </h1>
        {act.error !== null && (
          <p className={pages.warning} role="alert">
            {sentence(act.error)}
          </p>
        )}
        <div className={styles.two}>
          <div className={styles.column}>
            <article className={styles.card} aria-label={t("The item")}>
              <ItemContent
                item={{ ...history.item, metadata: {} }}
                contentFields={project.content_fields}
                contents={project.contents}
              />
              {metadata.length > 0 && (
                <div className={styles.pairs}>
                  {metadata.map(([field, value]) => (
                    <span key={field} dir="auto">
                      <b>{field}</b> {typeof value === "string" ? value : JSON.stringify(value)}
                    </span>
                  ))}
                </div>
              )}
            </article>
            {history.labels.map((label) => (
              <section
                key={label.question}
                className={styles.card}
                aria-label={t("Why {{question}} has this label", {
                  question: asked(label.question)?.title || label.question,
                })}
              >
                <h2>
                  {history.labels.length > 1
                    ? t("{{question}}: why does it have this label?", {
                        question: asked(label.question)?.title || label.question,
                      })
                    : t("Why does it have this label?")}
                </h2>
                <ReasonTree node={label.why} question={asked(label.question)} />
              </section>
            ))}
            {history.sees_all && <Similar name={name} item={id} />}
            <section className={styles.card} aria-label={t("Remarks")}>
              <h2>{t("Comments and flags")}</h2>
              <Remarks
                history={history}
                isBusy={act.isPending}
                onRemark={(remark: NewRemark) => act.mutate(() => api.remark(name, id, remark, key()))}
                onWithdraw={(remark) => act.mutate(() => api.withdrawRemark(name, id, remark.id, key()))}
              />
            </section>
          </div>
          <section className={styles.card} aria-label={t("History")}>
            <div className={styles.head}>
              <h2>{t("What happened to it")}</h2>
              {history.sees_all && (
                <Button variant="default" size="compact-sm" onClick={() => navigate(itemsPath(name))}>
                  {t("All items")}
                </Button>
              )}
            </div>
            <Timeline
              history={history}
              questions={project.questions}
              onRestore={setRestoring}
              onUndoRestore={(annotation) => act.mutate(() => api.undoRestore(name, id, annotation, key()))}
            />
          </section>
        </div>
      </main>
      {restoring !== null && (
        <RestoreDialog
          earlier={restoring}
          question={asked(restoring.question)}
          now={history.labels.find((one) => one.question === restoring.question)?.value ?? null}
          isBusy={act.isPending}
          onRestore={(reason) =>
            act.mutate(() =>
              api.restoreLabel(
                name,
                id,
                { question: restoring.question, position: restoring.position, reason },
                key(),
              ),
            )
          }
          onClose={() => setRestoring(null)}
        />
      )}
    </>
  );
}
