import { Button } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { sentence } from "../api/problem";
import type { BulkMade, BulkRequest, Project } from "../api/types";
import { groupsOf, whyWords } from "../domain/bulk";
import { askedOf, filterOf, searchOf } from "../domain/exploring";
import { labelWords } from "../domain/itemLife";
import { itemPath, itemsPath } from "../domain/route";
import { AcceptDialog } from "../parts/bulk/AcceptDialog";
import { BulkActs } from "../parts/bulk/BulkActs";
import { BulkGrid, isCovered } from "../parts/bulk/BulkGrid";
import styles from "../parts/bulk/bulk.module.css";
import { Cap } from "../parts/Cap";
import { ManagerBar } from "../parts/manage/ManagerBar";
import { useApi } from "../session/ApiContext";
import { navigate } from "../session/useRoute";
import { t } from "../words/words";
import pages from "./ResultsPage.module.css";

interface Props {
  name: string;
  project: Project;
  /** What stands behind the "?" of the address: the filter, or `similar` with an item. */
  search: string;
}

interface Asking {
  body: BulkRequest;
  key: string;
}

/** `/p/<project>/items?view=bulk`: the found items as cards, by what the model says; all but some are accepted at once. */
export function BulkPage({ name, project, search }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const filter = filterOf(search);
  const given = new URLSearchParams(search);
  const like = given.get("similar");
  const after = given.get("after") ?? "0";
  const [excluded, setExcluded] = useState<ReadonlySet<string>>(new Set());
  const [uncovered, setUncovered] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  const [made, setMade] = useState<BulkMade | null>(null);
  const since = useRef(performance.now());
  const asked = askedOf(filter, { after });
  const found = useQuery({
    queryKey: ["bulk", name, asked.toString(), like],
    queryFn: async () => {
      const among = new URLSearchParams(asked);
      if (like !== null) {
        const near = await api.similarItems(name, like);
        for (const id of [like, ...near.items.map((one) => one.id)]) {
          among.append("among", id);
        }
      }
      const grid = await api.bulkGrid(name, among);
      since.current = performance.now();
      return grid;
    },
    // What is looked at does not change under the eyes.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const grid = found.data;
  const question = project.questions.find((one) => one.name === grid?.question) ?? project.questions[0];
  const groups = grid ? groupsOf(grid.cards, grid.question) : [];
  const isOut = (id: string): boolean => excluded.has(id);
  const accepted = grid?.cards.filter((card) => !isOut(card.id) && !isCovered(card, uncovered)) ?? [];
  const accept = useMutation({
    mutationFn: ({ body, key }: Asking) => api.acceptInBulk(name, body, key),
    onSuccess: (answer) => {
      setAsking(null);
      setMade(answer);
      void Promise.all(
        ["bulk", "bulk-acts", "items"].map((key) => queries.invalidateQueries({ queryKey: [key, name] })),
      );
    },
  });

  function begin(): void {
    if (grid === undefined || accepted.length === 0 || accept.isPending) {
      return;
    }
    accept.reset();
    setAsking({
      key: crypto.randomUUID(),
      body: {
        version: grid.version,
        items: accepted.map(({ id, shown }) => ({ id, shown })),
        most_wrong: asking?.body.most_wrong ?? 0.05,
        seconds: Math.min(Math.round((performance.now() - since.current) / 1000), 86_400),
      },
    });
  }

  function show(more: Readonly<Record<string, string>>): void {
    const kept: Record<string, string> = { view: "bulk", ...(like === null ? {} : { similar: like }) };
    navigate(`${itemsPath(name)}?${searchOf(filter, { ...kept, ...more })}`);
  }

  const back = searchOf(filter).toString();
  const chosen = new Set(asking?.body.items.map((one) => one.id));
  const counts = groups
    .map((group) => ({
      words: labelWords(question, group.value),
      n: group.cards.filter((card) => chosen.has(card.id)).length,
    }))
    .filter((one) => one.n > 0);
  return (
    <>
      <ManagerBar name={name} project={project.name} here="items" />
      <main className={pages.page}>
        <h1>
          {like === null ? t("Accept in bulk") : t("Accept in bulk: items worded like {{id}}", { id: like })}
          <small>
            {t(
              "Items that wait for people with a label of the model, and that nobody has answered. Leave out what is wrong; accept the rest.",
            )}
          </small>
        </h1>
        <div className={styles.bar}>
          <Button onClick={begin} disabled={accepted.length === 0}>
            {t("Accept {{count}} items", { count: accepted.length })}
          </Button>
          <span className={styles.hint}>
            <span>
              <Cap>←</Cap> <Cap>→</Cap> <Cap>↑</Cap> <Cap>↓</Cap> {t("move")}
            </span>
            <span>
              <Cap>X</Cap> {t("leave out")}
            </span>
            <span>
              <Cap>⏎</Cap> {t("accept the others")}
            </span>
          </span>
          <Button
            variant="default"
            onClick={() =>
              navigate(
                like !== null
                  ? itemPath(name, like)
                  : back === ""
                    ? itemsPath(name)
                    : `${itemsPath(name)}?${back}`,
              )
            }
          >
            {like === null ? t("Back to the list") : t("Back to the item")}
          </Button>
        </div>
        {found.error !== null && (
          <p className={pages.warning} role="alert">
            {sentence(found.error)}
          </p>
        )}
        {accept.error !== null && (
          <p className={pages.warning} role="alert">
            {sentence(accept.error)}
          </p>
        )}
        <div role="status" className={styles.told}>
          {found.isFetching && <p className={pages.note}>{t("Looking…")}</p>}
          {made !== null && <Made made={made} />}
        </div>
        {grid !== undefined && grid.cards.length === 0 && (
          <p className={pages.note}>{t("None of the found items can be accepted in bulk.")}</p>
        )}
        {grid !== undefined && grid.n_left_out > 0 && (
          <p className={pages.note}>
            {t("{{count}} more found are answered at the desk only.", { count: grid.n_left_out })}
          </p>
        )}
        {question !== undefined && groups.length > 0 && (
          <BulkGrid
            name={name}
            groups={groups}
            question={question}
            questions={project.questions}
            excluded={excluded}
            uncovered={uncovered}
            onExclude={(ids, goesOut) =>
              setExcluded((before) => {
                const next = new Set(before);
                for (const id of ids) {
                  if (goesOut) {
                    next.add(id);
                  } else {
                    next.delete(id);
                  }
                }
                return next;
              })
            }
            onUncover={(id) => setUncovered((before) => new Set([...before, id]))}
            onAccept={begin}
          />
        )}
        <div className={styles.bar}>
          {after !== "0" && (
            <Button variant="default" onClick={() => show({})}>
              {t("First page")}
            </Button>
          )}
          {grid !== undefined && grid.next !== null && (
            <Button variant="default" onClick={() => show({ after: grid.next ?? "0" })}>
              {t("Next page")}
            </Button>
          )}
        </div>
        <BulkActs name={name} />
      </main>
      {asking !== null && (
        <AcceptDialog
          counts={counts}
          nExcluded={(grid?.cards.length ?? 0) - asking.body.items.length}
          mostWrong={asking.body.most_wrong}
          isBusy={accept.isPending}
          onMostWrong={(share) =>
            setAsking({ key: crypto.randomUUID(), body: { ...asking.body, most_wrong: share } })
          }
          onAccept={() => accept.mutate(asking)}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
}

function Made({ made }: { made: BulkMade }) {
  const check = made.spot_check;
  return (
    <div className={made.n_accepted > 0 ? pages.note : pages.warning}>
      <b>{t("{{count}} items accepted.", { count: made.n_accepted })}</b>{" "}
      {check !== null &&
        (check.by_another
          ? t("{{count}} of them go to somebody else, blind.", { count: check.n })
          : t("{{count}} of them come to you again: nobody else labels here.", { count: check.n }))}
      {made.conflicts.length > 0 && (
        <>
          <p>{t("{{count}} stay as they are:", { count: made.conflicts.length })}</p>
          <ul>
            {made.conflicts.map((one) => (
              <li key={one.id}>
                <bdi>{one.id}</bdi>: {whyWords(one.why)}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
