import { Button, Progress as ProgressBar } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense } from "react";
import type { Project, Session } from "../../api/types";
import { useApi } from "../../session/ApiContext";
import type { Desk } from "../../session/desk";
import { later } from "../../session/later";
import { progressKey } from "../../session/useDesk";
import type { Preferences } from "../../session/usePreferences";
import { navigate } from "../../session/useRoute";
import { t } from "../../words/words";
import { Guard } from "../Guard";
import { Acknowledgement } from "./Acknowledgement";
import styles from "./TopBar.module.css";

const PersonMenu = later(() => import("../PersonMenu"));

interface Props {
  desk: Desk;
  project: Project;
  session: Session;
  preferences: Preferences;
  onPrefer: (change: Partial<Preferences>) => void;
  onHelp: () => void;
  onGuideline: (() => void) | null;
}

/** Where one is, how far, and whether everything is saved. */
export function TopBar({ desk, project, session, preferences, onPrefer, onHelp, onGuideline }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const progress = useQuery({
    queryKey: progressKey(project.name),
    queryFn: () => api.progress(project.name),
    refetchInterval: 60_000,
  });
  const done = progress.data?.done_by_you ?? 0;
  const left = progress.data?.remaining ?? 0;
  const share = done + left === 0 ? 0 : (100 * done) / (done + left);

  async function signOut(): Promise<void> {
    desk.close();
    await api.signOut().catch(() => {});
    queries.clear();
    navigate("/");
  }

  return (
    <header className={styles.bar}>
      <span className={styles.brand}>Labelwright</span>
      <h1 className={styles.project}>{session.project_title || project.name}</h1>
      <span className={styles.grow} />
      <Acknowledgement desk={desk} />
      {progress.data && (
        <span className={styles.progress}>
          <ProgressBar value={share} size="sm" aria-label={t("Your progress")} className={styles.line} />
          <span>{t("{{done}} done · {{left}} left", { done, left })}</span>
        </span>
      )}
      {onGuideline && (
        <Button variant="subtle" size="compact-sm" onClick={onGuideline} className={styles.guide}>
          {t("Guideline")}
        </Button>
      )}
      <span className={styles.person}>
        <Guard instead={<NameTag name={session.annotator.name} />}>
          <Suspense fallback={<NameTag name={session.annotator.name} />}>
            <PersonMenu
              session={session}
              preferences={preferences}
              onPrefer={onPrefer}
              onHelp={onHelp}
              onSignOut={() => void signOut()}
            />
          </Suspense>
        </Guard>
      </span>
    </header>
  );
}

/** Stands where the menu will be, and looks like its button. */
function NameTag({ name }: { name: string }) {
  return (
    <Button component="span" aria-hidden variant="default" size="compact-sm" radius="xl">
      {name}
    </Button>
  );
}
