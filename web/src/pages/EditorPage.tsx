import { Button, Tabs } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Refused } from "../api/problem";
import { labelPath } from "../domain/route";
import { Desk } from "../parts/editor/Desk";
import { LabelChanges } from "../parts/editor/LabelChanges";
import { VersionList } from "../parts/editor/VersionList";
import { Message } from "../parts/Message";
import { ManagerBar } from "../parts/manage/ManagerBar";
import { Trouble } from "../parts/Trouble";
import { useApi } from "../session/ApiContext";
import { navigate } from "../session/useRoute";
import { t } from "../words/words";
import styles from "./ResultsPage.module.css";

/** `/p/<project>/settings`: questions, labels and guideline; their versions. For managers. */
export default function EditorPage({ name }: { name: string }) {
  const api = useApi();
  const [tab, setTab] = useState<string | null>("edit");
  const [broughtBack, setBroughtBack] = useState<number | null>(null);
  const found = useQuery({ queryKey: ["versions", name], queryFn: () => api.versions(name), staleTime: 0 });
  const newest = found.data?.[0]?.version;
  const inForce = useQuery({
    queryKey: ["version", name, newest],
    queryFn: () => api.version(name, newest ?? 1),
    enabled: newest !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const error = found.error ?? inForce.error;
  if (error !== null && !inForce.data) {
    if (error instanceof Refused && error.status === 403) {
      return (
        <Message title={t("For managers")}>
          <p>{t("Questions and guideline are changed by managers of the project only.")}</p>
          <Button onClick={() => navigate(labelPath(name))}>{t("Back to labelling")}</Button>
        </Message>
      );
    }
    return <Trouble error={error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data || !inForce.data) {
    return <Message title={t("One moment…")} />;
  }
  return (
    <>
      <ManagerBar name={name} project={name} here="settings" />
      <main className={styles.page}>
        <h1>
          {t("Questions and guideline")}
          <small>{t("version {{version}} is in force", { version: inForce.data.version })}</small>
        </h1>
        <Tabs value={tab} onChange={setTab} keepMounted={false}>
          <Tabs.List className={styles.tabs ?? ""} aria-label={t("Parts of this page")}>
            <Tabs.Tab value="edit">{t("Edit")}</Tabs.Tab>
            <Tabs.Tab value="labels">{t("Labels")}</Tabs.Tab>
            <Tabs.Tab value="versions">{t("Versions")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="edit">
            <Desk
              name={name}
              inForce={inForce.data}
              broughtBack={broughtBack}
              onDone={() => setBroughtBack(null)}
              onCompare={() => setTab("versions")}
            />
          </Tabs.Panel>
          <Tabs.Panel value="labels">
            <LabelChanges name={name} inForce={inForce.data} />
          </Tabs.Panel>
          <Tabs.Panel value="versions">
            <VersionList
              key={newest}
              name={name}
              versions={found.data}
              onBringBack={(version) => {
                setBroughtBack(version);
                setTab("edit");
              }}
            />
          </Tabs.Panel>
        </Tabs>
      </main>
    </>
  );
}
