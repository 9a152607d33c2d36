import { Button } from "@mantine/core";
import {
  cockpitPath,
  dashboardPath,
  itemsPath,
  jobsPath,
  labelPath,
  resultsPath,
  settingsPath,
} from "../../domain/route";
import { navigate } from "../../session/useRoute";
import { msg, t } from "../../words/words";
import styles from "./ManagerBar.module.css";

/** What managers may open, and where it is. */
export const PAGES = [
  ["results", msg("Results"), resultsPath],
  ["cockpit", msg("Cockpit"), cockpitPath],
  ["items", msg("Items"), itemsPath],
  ["dashboard", msg("Dashboard"), dashboardPath],
  ["jobs", msg("Jobs"), jobsPath],
  ["settings", msg("Settings"), settingsPath],
  ["label", msg("Label"), labelPath],
] as const;

interface Props {
  /** In the addresses. */
  name: string;
  /** As it is shown. */
  project: string;
  here: (typeof PAGES)[number][0] | "item";
}

/** The managers' pages, all but the one that is open. */
export function ManagerBar({ name, project, here }: Props) {
  return (
    <header className={styles.bar}>
      <b>Labelwright</b>
      <span>{project}</span>
      <nav aria-label={t("Pages")}>
        {PAGES.filter(([page]) => page !== here).map(([page, title, path]) => (
          <Button key={page} variant="default" size="compact-md" onClick={() => navigate(path(name))}>
            {t(title)}
          </Button>
        ))}
      </nav>
    </header>
  );
}
