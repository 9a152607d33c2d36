import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { sentence } from "../../api/problem";
import { checkWords } from "../../domain/bulk";
import pages from "../../pages/ResultsPage.module.css";
import { useApi } from "../../session/ApiContext";
import { spoken, t } from "../../words/words";
import styles from "./bulk.module.css";

/** What was accepted in bulk so far, what the spot checks say of it, and a way back. */
export function BulkActs({ name }: { name: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["bulk-acts", name], queryFn: () => api.bulkActs(name), staleTime: 0 });
  const undo = useMutation({
    mutationFn: (act: string) => api.rollBulkBack(name, act, `undo-bulk-${act}`),
    onSettled: () =>
      Promise.all(
        ["bulk", "bulk-acts", "items"].map((key) => queries.invalidateQueries({ queryKey: [key, name] })),
      ),
  });
  const acts = found.data ?? [];
  return (
    <>
      {(undo.error ?? found.error) !== null && (
        <p className={pages.warning} role="alert">
          {sentence(undo.error ?? found.error)}
        </p>
      )}
      {acts.length > 0 && (
        <section className={pages.card} aria-label={t("Accepted in bulk")}>
          <h2 className={styles.title}>{t("Accepted in bulk")}</h2>
          <ol className={styles.acts}>
            {acts.map((act) => (
              <li key={act.act}>
                <div>
                  <b>{t("{{count}} items", { count: act.n_accepted })}</b>{" "}
                  <span className={styles.small}>
                    <bdi>{act.who ?? t("somebody")}</bdi>,{" "}
                    <time dateTime={act.at}>{new Date(act.at).toLocaleString(spoken())}</time>
                  </span>
                  <p>
                    {checkWords(act)}
                    {!act.is_rolled_back &&
                      !act.by_another &&
                      ` ${t("Nobody else labels here: who accepted them checks them, so it is not wholly blind.")}`}
                    {!act.is_rolled_back &&
                      act.by_another &&
                      act.n_not_blind > 0 &&
                      ` ${t("Looked at by somebody who had seen the label, so not counted: {{n}}.", { n: act.n_not_blind })}`}
                  </p>
                </div>
                {!act.is_rolled_back && (
                  <Button
                    variant="default"
                    loading={undo.isPending && undo.variables === act.act}
                    aria-label={t("Roll back the {{n}} items of {{at}}", {
                      n: act.n_accepted,
                      at: new Date(act.at).toLocaleString(spoken()),
                    })}
                    onClick={() => undo.mutate(act.act)}
                  >
                    {t("Roll back")}
                  </Button>
                )}
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}
