import styles from "../../pages/ResultsPage.module.css";
import { t } from "../../words/words";
import { ManagerBar, type Page } from "./ManagerBar";

/** A page whose figures are still counted: its bar is there, so that nothing jumps and one can go elsewhere. */
export function Counting({ name, here }: { name: string; here: Page }) {
  return (
    <>
      <ManagerBar name={name} project={name} here={here} />
      <main className={styles.page}>
        <h1>{t("Counting…")}</h1>
      </main>
    </>
  );
}
