import { useEffect, useMemo, useRef, useState } from "react";
import { t } from "../words/words";
import type { ContentProps } from "./content";
import { framedHeight } from "./framedHeight";
import styles from "./html.module.css";
import { framedPage } from "./htmlPage";
import { JsonContent } from "./JsonContent";

/** Of the window's height; the style sheet cuts a frame there. */
const SHARE = 0.62;

/**
 * `as: html`: as it looks, in a frame that runs nothing and fetches nothing.
 *
 * The frame has this page's origin, so that its height can be read from outside; without `allow-scripts` nothing in it can
 * make use of that (docs/decisions/0006).
 */
export default function HtmlContent({ value, title }: ContentProps) {
  const [isTall, setTall] = useState(false);
  const [height, setHeight] = useState<number | null>(null);
  const frame = useRef<HTMLIFrameElement>(null);
  const page = useMemo(() => (typeof value === "string" ? framedPage(value, nonce()) : ""), [value]);
  useEffect(() => {
    const shown = frame.current;
    if (shown === null || page === "") {
      return;
    }
    let width = shown.clientWidth;
    const measure = () => setHeight(framedHeight(shown));
    // What is long in a narrow window is short in a wide one; its height is ours, and no reason to look again.
    const observer = new ResizeObserver(() => {
      if (shown.clientWidth !== width) {
        width = shown.clientWidth;
        measure();
      }
    });
    shown.addEventListener("load", measure);
    observer.observe(shown);
    // On a busy machine it was there before anybody listened.
    const there = shown.contentDocument;
    if (there?.URL === "about:srcdoc" && there.readyState === "complete") {
      measure();
    }
    return () => {
      shown.removeEventListener("load", measure);
      observer.disconnect();
    };
  }, [page]);
  if (typeof value !== "string") {
    return <JsonContent value={value} />;
  }
  const isCut = height === null || height > SHARE * window.innerHeight;
  return (
    <div>
      <iframe
        ref={frame}
        className={styles.frame}
        data-tall={isTall}
        style={height === null ? undefined : { height }}
        sandbox="allow-same-origin"
        referrerPolicy="no-referrer"
        title={title}
        srcDoc={page}
      />
      {(isTall || isCut) && (
        <button
          type="button"
          className={styles.button}
          aria-pressed={isTall}
          onClick={() => setTall(!isTall)}
        >
          {isTall ? t("Smaller frame") : t("Larger frame")}
        </button>
      )}
    </div>
  );
}

/** Drawn styles carry it, as `main.tsx` arranges for this page's own. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[name='csp-nonce']")?.content ?? "";
}
