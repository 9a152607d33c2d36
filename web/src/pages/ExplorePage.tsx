import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Refused, sentence } from "../api/problem";
import { askedOf, type Filter, filterOf, searchOf } from "../domain/exploring";
import { itemsPath, labelPath } from "../domain/route";
import styles from "../parts/explore/explore.module.css";
import { FilterForm } from "../parts/explore/FilterForm";
import { ItemTable } from "../parts/explore/ItemTable";
import { Message } from "../parts/Message";
import { ManagerBar } from "../parts/manage/ManagerBar";
import { Trouble } from "../parts/Trouble";
import { useApi } from "../session/ApiContext";
import { useProject } from "../session/useProject";
import { navigate, useSearch } from "../session/useRoute";
import { t } from "../words/words";
import { BulkPage } from "./BulkPage";
import pages from "./ResultsPage.module.css";

/** `/p/<project>/items`: all items, filtered by how they stand. The address holds the filter. For managers. */
export default function ExplorePage({ name }: { name: string }) {
  const api = useApi();
  const search = useSearch();
  const filter = filterOf(search);
  const isBulk = new URLSearchParams(search).get("view") === "bulk";
  const after = new URLSearchParams(search).get("after") ?? "0";
  const project = useProject(name);
  const people = useQuery({ queryKey: ["people", name], queryFn: () => api.people(name) });
  const asked = askedOf(filter, { after });
  const found = useQuery({
    queryKey: ["items", name, asked.toString()],
    queryFn: () => api.findItems(name, asked),
    placeholderData: keepPreviousData,
    staleTime: 0,
    enabled: !isBulk,
  });
  const error = found.error ?? people.error ?? project.error;
  if (error instanceof Refused && error.status === 403) {
    return (
      <Message title={t("For managers")}>
        <p>{t("The items of a project are explored by its managers only.")}</p>
        <Button onClick={() => navigate(labelPath(name))}>{t("Back to labelling")}</Button>
      </Message>
    );
  }
  if (project.data === undefined) {
    return error ? (
      <Trouble error={error} onRetry={() => void project.refetch()} />
    ) : (
      <Message title={t("One moment…")} />
    );
  }
  if (isBulk && people.error === null) {
    return <BulkPage name={name} project={project.data} search={search} />;
  }
  const question =
    project.data.questions.find((one) => one.name === filter.question) ?? project.data.questions[0];

  function show(next: Filter, more: Readonly<Record<string, string>> = {}): void {
    const words = searchOf(next, more).toString();
    navigate(words === "" ? itemsPath(name) : `${itemsPath(name)}?${words}`);
  }

  const items = found.data?.items ?? [];
  const next = found.data?.next ?? null;
  const csv = `/api/v1/projects/${encodeURIComponent(name)}/items.csv?${askedOf(filter)}`;
  return (
    <>
      <ManagerBar name={name} project={project.data.name} here="items" />
      <main className={pages.page}>
        <h1>
          {t("Items")}
          <small>{t("Filter by how they stand; open one for all that happened to it.")}</small>
        </h1>
        <section className={pages.card}>
          <FilterForm
            project={project.data}
            people={people.data ?? []}
            filter={filter}
            isBusy={found.isFetching}
            onFilter={(chosen) => show(chosen)}
          />
        </section>
        {found.error !== null && (
          <p className={pages.warning} role="alert">
            {sentence(found.error)}
          </p>
        )}
        <p className="for-ears" role="status">
          {found.isFetching
            ? t("Looking…")
            : next === null
              ? t("{{count}} items found", { count: items.length })
              : t("{{count}} items, and more behind them", { count: items.length })}
        </p>
        {found.data !== undefined && items.length === 0 ? (
          <p className={pages.note}>
            {searchOf(filter, {}).size > 0 || after !== "0" ? (
              t("No item meets all of these conditions.")
            ) : (
              <>
                {t("There are no items yet. Bring some in:")} <code>labelwright import FILE</code>
              </>
            )}
          </p>
        ) : (
          <section className={pages.card} aria-label={t("Found items")}>
            <ItemTable name={name} items={items} question={question} />
          </section>
        )}
        <div className={styles.row}>
          {items.some((one) => one.predicted !== null && one.waiting > 0) && (
            <Button onClick={() => navigate(`${itemsPath(name)}?${searchOf(filter, { view: "bulk" })}`)}>
              {t("Accept in bulk…")}
            </Button>
          )}
          {after !== "0" && (
            <Button variant="default" onClick={() => show(filter)}>
              {t("First page")}
            </Button>
          )}
          {next !== null && (
            <Button variant="default" onClick={() => show(filter, { after: next })}>
              {t("Next page")}
            </Button>
          )}
          {items.length > 0 && (
            <Button component="a" href={csv} download="items.csv" variant="default">
              {t("All of these as CSV")}
            </Button>
          )}
        </div>
      </main>
    </>
  );
}
