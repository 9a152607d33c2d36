import styles from "../../pages/ResultsPage.module.css";
import { t } from "../../words/words";
import ghosts from "./counting.module.css";
import { ManagerBar } from "./ManagerBar";
import type { Page } from "./pages";

/**
 * A page whose figures are still counted: bar and places are there, so that nothing jumps and one can go elsewhere.
 *
 * No component: what it gives has the shape of the page that follows, so the bar stays the same element and a click
 * on one of its links is not lost when the figures come.
 */
export function counting(name: string, here: Page) {
  return (
    <>
      <ManagerBar name={name} project={name} here={here} />
      <main className={styles.page} aria-busy="true">
        <h1>{t("Counting…")}</h1>
        <div className={ghosts.tiles} aria-hidden="true">
          <div className={ghosts.tile} />
          <div className={ghosts.tile} />
          <div className={ghosts.tile} />
          <div className={ghosts.tile} />
        </div>
        <div className={ghosts.figure} aria-hidden="true" />
      </main>
    </>
  );
}
