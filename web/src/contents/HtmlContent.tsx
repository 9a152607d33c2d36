import { useMemo, useState } from "react";
import { t } from "../words/words";
import type { ContentProps } from "./content";
import styles from "./html.module.css";
import { framedPage } from "./htmlPage";
import { JsonContent } from "./JsonContent";

/** In characters: what the frame does not need its whole height for, as a guess. It cannot be asked. */
const SHORT = 600;

/** `as: html`: as it looks, in a frame that runs nothing, fetches nothing and knows nothing of this page. */
export default function HtmlContent({ value, title }: ContentProps) {
  const [isTall, setTall] = useState(false);
  const page = useMemo(() => (typeof value === "string" ? framedPage(value, nonce()) : ""), [value]);
  if (typeof value !== "string") {
    return <JsonContent value={value} />;
  }
  return (
    <div>
      <iframe
        className={styles.frame}
        data-tall={isTall}
        data-short={value.length < SHORT}
        sandbox=""
        referrerPolicy="no-referrer"
        title={title}
        srcDoc={page}
      />
      <button type="button" className={styles.button} aria-pressed={isTall} onClick={() => setTall(!isTall)}>
        {isTall ? t("Smaller frame") : t("Larger frame")}
      </button>
    </div>
  );
}

/** Drawn styles carry it, as `main.tsx` arranges for this page's own. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[name='csp-nonce']")?.content ?? "";
}
