import { memo } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { t } from "../words/words";
import styles from "./markdown.module.css";
import { TextContent } from "./TextContent";

/** Above this, drawing would make the page wait: the text is shown as it was written. */
const MOST = 200_000;
const LONG = 1_500;
const IMAGE = /^data:image\/(png|jpe?g|gif|webp|avif|bmp);base64,/i;

interface Props {
  text: string;
  isMain: boolean;
  name: string;
  /** In a frame of its own where it is long, so that the answers stay in reach. */
  isFramed?: boolean;
}

/** A text with emphasis, lists and tables; no markup of its own, nothing fetched, links opened only on purpose. */
export const MarkdownText = memo(function MarkdownText({ text, isMain, name, isFramed = true }: Props) {
  if (text.length > MOST) {
    return <TextContent text={text} isMain={isMain} name={name} />;
  }
  const drawn = (
    <Markdown remarkPlugins={[remarkGfm]} skipHtml urlTransform={harmless} components={COMPONENTS}>
      {text}
    </Markdown>
  );
  if (!isFramed || text.length <= LONG) {
    return (
      <div className={styles.markdown} dir="auto">
        {drawn}
      </div>
    );
  }
  return (
    <section
      className={`${styles.markdown} ${styles.window}`}
      aria-label={t("{{name}}, long text", { name })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      dir="auto"
    >
      {drawn}
    </section>
  );
});

/** Web addresses for links, data URLs for pictures; anything else leads nowhere. */
export function harmless(url: string, key: string): string {
  if (key === "src") {
    return IMAGE.test(url) ? url : "";
  }
  return hostOf(url) === null ? "" : url;
}

function hostOf(url: string): string | null {
  try {
    const { protocol, host } = new URL(url);
    return protocol === "https:" || protocol === "http:" ? host : null;
  } catch {
    return null;
  }
}

/** Headings start below the page's own. A link says where it leads, and tells nobody where it was followed from. */
const COMPONENTS: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  h4: ({ children }) => <h5>{children}</h5>,
  h5: ({ children }) => <h6>{children}</h6>,
  a: ({ children, href }) => {
    const host = hostOf(href ?? "");
    return host === null ? (
      <span className={styles.inert}>{children}</span>
    ) : (
      <>
        <a href={href} target="_blank" rel="noreferrer noopener nofollow">
          {children}
        </a>{" "}
        <span className={styles.host}>({host})</span>
      </>
    );
  },
  img: ({ src, alt }) =>
    src ? (
      <img src={src} alt={alt ?? ""} />
    ) : (
      <span className={styles.inert}>{t("[picture: {{name}}]", { name: alt || "…" })}</span>
    ),
  input: ({ checked }) => <span>{checked ? "☑" : "☐"}</span>,
  table: ({ children }) => (
    <div className={styles.table}>
      <table>{children}</table>
    </div>
  ),
};
