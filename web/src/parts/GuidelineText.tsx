import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import styles from "./GuidelineText.module.css";
import { labelCells } from "./results/labelCells";

/** A guideline as people read it: Markdown without HTML and pictures; a table is read row by row, as there is little room. */
export function GuidelineText({ text }: { text: string }) {
  return (
    <div className={styles.guide}>
      <Markdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[labelCells]}
        skipHtml
        disallowedElements={["img", "input"]}
        components={COMPONENTS}
      >
        {text}
      </Markdown>
    </div>
  );
}

/** Headings start below the page's own; links leave no trace of where they were followed from. */
const COMPONENTS: Components = {
  p: ({ children }) => <p dir="auto">{children}</p>,
  td: ({ node: _, ...cell }) => <td dir="auto" {...cell} />,
  li: ({ children }) => <li dir="auto">{children}</li>,
  h1: ({ children }) => <h3 dir="auto">{children}</h3>,
  h2: ({ children }) => <h3 dir="auto">{children}</h3>,
  h3: ({ children }) => <h4 dir="auto">{children}</h4>,
  a: ({ children, href }) => (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  ),
};
