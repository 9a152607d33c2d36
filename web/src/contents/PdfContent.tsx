import { useEffect, useRef, useState } from "react";
import { t } from "../words/words";
import type { ContentProps } from "./content";
import { MediaTrouble } from "./MediaTrouble";
import { mediaOf } from "./media";
import styles from "./pdf.module.css";
import { openPdf, type Pdf } from "./pdfFile";

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];

/** `as: pdf`: page by page, drawn here; nothing in the file is run. */
export default function PdfContent({ item, field, value, title }: ContentProps) {
  return mediaOf(item, field).map((medium, place) =>
    medium === null ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: files never move
      <MediaTrouble key={place} value={Array.isArray(value) ? value[place] : value} />
    ) : (
      <PdfFile
        key={medium.url}
        url={medium.url}
        value={Array.isArray(value) ? value[place] : value}
        title={title}
      />
    ),
  );
}

function PdfFile({ url, value, title }: { url: string; value: unknown; title: string }) {
  const [pdf, setPdf] = useState<Pdf | "opening" | "broken">("opening");
  const [page, setPage] = useState(1);
  const [zoom, setZoom] = useState(1);
  useEffect(() => {
    let isGone = false;
    const opening = openPdf(url);
    opening.then(
      (opened) => !isGone && setPdf(opened),
      () => !isGone && setPdf("broken"),
    );
    return () => {
      isGone = true;
      opening.then(
        (opened) => opened.close(),
        () => {},
      );
    };
  }, [url]);
  if (pdf === "broken") {
    return <MediaTrouble value={value} isMissing />;
  }
  if (pdf === "opening") {
    return <p role="status">{t("One moment …")}</p>;
  }
  const step = (by: number) => setPage(Math.min(pdf.pages, Math.max(1, page + by)));
  const zoomBy = (by: number) => setZoom(ZOOMS[ZOOMS.indexOf(zoom) + by] ?? zoom);
  return (
    <section className={styles.pdf} aria-label={title}>
      <div className={styles.tools}>
        <div>
          <button type="button" onClick={() => step(-1)} disabled={page === 1} aria-label={t("Page before")}>
            ‹
          </button>
          <label>
            {t("Page")}{" "}
            <input
              type="number"
              min={1}
              max={pdf.pages}
              value={page}
              onChange={(event) => {
                const wanted = Math.round(Number(event.target.value));
                if (wanted >= 1 && wanted <= pdf.pages) {
                  setPage(wanted);
                }
              }}
            />{" "}
            {t("of {{count}}", { count: pdf.pages })}
          </label>
          <button
            type="button"
            onClick={() => step(1)}
            disabled={page === pdf.pages}
            aria-label={t("Next page")}
          >
            ›
          </button>
        </div>
        <div className={styles.zoom}>
          <button
            type="button"
            onClick={() => zoomBy(-1)}
            disabled={zoom === ZOOMS[0]}
            aria-label={t("Smaller")}
          >
            −
          </button>
          <span aria-live="polite">{Math.round(zoom * 100)} %</span>
          <button
            type="button"
            onClick={() => zoomBy(1)}
            disabled={zoom === ZOOMS.at(-1)}
            aria-label={t("Larger")}
          >
            +
          </button>
        </div>
      </div>
      <Page pdf={pdf} page={page} zoom={zoom} />
    </section>
  );
}

function Page({ pdf, page, zoom }: { pdf: Pdf; page: number; zoom: number }) {
  const frame = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const words = useRef<HTMLDivElement>(null);
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    if (!canvas.current || !words.current || !frame.current) {
      return;
    }
    setBroken(false);
    const width = frame.current.clientWidth - 2;
    const drawing = pdf.draw(page, { canvas: canvas.current, words: words.current, width: width * zoom });
    drawing.done.catch(() => setBroken(true));
    return drawing.stop;
  }, [pdf, page, zoom]);
  return (
    <section
      className={styles.frame}
      ref={frame}
      aria-label={t("Page {{page}}", { page })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {isBroken && <p role="status">{t("This page of the file cannot be drawn.")}</p>}
      <div className={styles.sheet}>
        <canvas ref={canvas} />
        <div ref={words} className={styles.words} />
      </div>
    </section>
  );
}
