import { useQueryClient } from "@tanstack/react-query";
import { Suspense } from "react";
import { useApi } from "../../session/ApiContext";
import { later } from "../../session/later";
import { usePreferences } from "../../session/usePreferences";
import { navigate } from "../../session/useRoute";
import { useSession } from "../../session/useSession";
import { t } from "../../words/words";
import { Guard } from "../Guard";
import { PageLink } from "../PageLink";
import styles from "./ManagerBar.module.css";
import { PAGES, type Page } from "./pages";

const PersonMenu = later(() => import("../PersonMenu"));

interface Props {
  /** In the addresses. */
  name: string;
  /** As it is shown. */
  project: string;
  here: Page | "item";
}

/** The managers' pages; the one that is open is marked. Where they do not fit, they scroll sideways. */
export function ManagerBar({ name, project, here }: Props) {
  return (
    <header className={styles.bar}>
      <b>Labelwright</b>
      <span>{project}</span>
      <nav aria-label={t("Pages")}>
        {PAGES.map(([page, title, path]) => (
          <PageLink
            key={page}
            href={path(name)}
            aria-current={page === here ? "page" : undefined}
            ref={page === here ? intoView : undefined}
          >
            {t(title)}
          </PageLink>
        ))}
      </nav>
      <div className={styles.person}>
        <Guard instead={null}>
          <Suspense fallback={null}>
            <Person />
          </Suspense>
        </Guard>
      </div>
    </header>
  );
}

/** Language, colours, contrast, and the way out. */
function Person() {
  const api = useApi();
  const queries = useQueryClient();
  const session = useSession();
  const [preferences, prefer] = usePreferences();
  if (!session.data) {
    return null;
  }
  async function signOut(): Promise<void> {
    await api.signOut().catch(() => {});
    queries.clear();
    navigate("/");
  }
  return (
    <PersonMenu
      session={session.data}
      preferences={preferences}
      onPrefer={prefer}
      onHelp={null}
      onSignOut={() => void signOut()}
    />
  );
}

function intoView(link: HTMLAnchorElement | null): void {
  const bar = link?.parentElement;
  if (link && bar) {
    bar.scrollLeft = link.offsetLeft - bar.offsetLeft - (bar.clientWidth - link.offsetWidth) / 2;
  }
}
