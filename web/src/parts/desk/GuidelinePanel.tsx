import { Drawer } from "@mantine/core";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import type { Project } from "../../api/types";
import { labelCells } from "../results/labelCells";
import styles from "./GuidelinePanel.module.css";

/** The instructions people and models share: beside the item, or in a drawer where there is no room. */
export default function GuidelinePanel({ project, onClose }: { project: Project; onClose?: () => void }) {
  const { guideline, instruction } = project;
  const text = (
    <div className={styles.guide}>
      {instruction && <p className={styles.instruction}>{instruction}</p>}
      <Markdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[labelCells]}
        skipHtml
        disallowedElements={["img", "input"]}
        components={COMPONENTS}
      >
        {guideline.text}
      </Markdown>
      <p className={styles.version}>version {guideline.version}</p>
    </div>
  );
  if (onClose) {
    return (
      <Drawer
        opened
        onClose={onClose}
        title="Guideline"
        position="right"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {text}
      </Drawer>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <aside className={styles.panel} aria-label="Guideline" tabIndex={0}>
      <h2>Guideline</h2>
      {text}
    </aside>
  );
}

/** Headings start below the page's own; links leave no trace of where they were followed from. */
const COMPONENTS: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  a: ({ children, href }) => (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  ),
};
