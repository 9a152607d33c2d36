import styles from "../../pages/ResultsPage.module.css";
import { t } from "../../words/words";
import ghosts from "./Counting.module.css";
import { ManagerBar, type Page } from "./ManagerBar";

/** A page whose figures are still counted: bar and places are there, so that nothing jumps and one can go elsewhere. */
export function Counting({ name, here }: { name: string; here: Page }) {
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
