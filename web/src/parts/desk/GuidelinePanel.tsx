import { Drawer } from "@mantine/core";
import type { Project } from "../../api/types";
import { t } from "../../words/words";
import { GuidelineText } from "../GuidelineText";
import styles from "./GuidelinePanel.module.css";

/** The instructions people and models share: beside the item, or in a drawer where there is no room. */
export default function GuidelinePanel({ project, onClose }: { project: Project; onClose?: () => void }) {
  const { guideline, instruction } = project;
  const text = (
    <div className={styles.guide}>
      {instruction && (
        <p className={styles.instruction} dir="auto">
          {instruction}
        </p>
      )}
      <GuidelineText text={guideline.text} />
      <p className={styles.version}>{t("version {{version}}", { version: guideline.version })}</p>
    </div>
  );
  if (onClose) {
    return (
      <Drawer
        opened
        onClose={onClose}
        title={t("Guideline")}
        position="right"
        closeButtonProps={{ "aria-label": t("Close") }}
      >
        {text}
      </Drawer>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <aside className={styles.panel} aria-label={t("Guideline")} tabIndex={0}>
      <h2>{t("Guideline")}</h2>
      {text}
    </aside>
  );
}
