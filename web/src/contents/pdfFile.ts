/** Opens PDF files and draws their pages. Nothing in a file is run, and no font or file of another machine is fetched. */

import { GlobalWorkerOptions, getDocument, TextLayer } from "pdfjs-dist";
import worker from "pdfjs-dist/build/pdf.worker.min.mjs?url";

GlobalWorkerOptions.workerSrc = worker;

export interface Pdf {
  pages: number;
  /** Draw a page in this width (in CSS pixels) on the canvas, and lay its words over it, to be read and selected. */
  draw(page: number, on: { canvas: HTMLCanvasElement; words: HTMLElement; width: number }): Drawing;
  close(): void;
}

export interface Drawing {
  done: Promise<void>;
  stop(): void;
}

/** url: of this server, or a data URL. Rejects for what is absent, no PDF, or locked with a password. */
export async function openPdf(url: string): Promise<Pdf> {
  const source = url.startsWith("data:") ? { data: bytesOf(url) } : { url };
  if ("url" in source) {
    await beThere(url);
  }
  const loading = getDocument({
    ...source,
    isEvalSupported: false,
    enableXfa: false,
    useWasm: false,
    stopAtErrors: false,
    disableAutoFetch: true,
  });
  const file = await loading.promise.catch((error: unknown) => {
    void loading.destroy();
    throw error;
  });

  async function drawn(
    number: number,
    on: { canvas: HTMLCanvasElement; words: HTMLElement; width: number },
    stopped: () => boolean,
    onStop: (stop: () => void) => void,
  ): Promise<void> {
    const page = await file.getPage(number);
    if (stopped()) {
      return;
    }
    const natural = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: on.width / natural.width });
    const sharpness = Math.min(2, window.devicePixelRatio || 1);
    const { canvas, words } = on;
    canvas.width = Math.floor(viewport.width * sharpness);
    canvas.height = Math.floor(viewport.height * sharpness);
    canvas.style.width = `${Math.floor(viewport.width)}px`;
    canvas.style.height = `${Math.floor(viewport.height)}px`;
    const rendering = page.render({
      canvas,
      viewport,
      transform: sharpness === 1 ? undefined : [sharpness, 0, 0, sharpness, 0, 0],
    });
    onStop(() => rendering.cancel());
    await rendering.promise;
    words.replaceChildren();
    words.style.setProperty("--total-scale-factor", String(viewport.scale));
    words.style.setProperty("--scale-factor", String(viewport.scale));
    const layer = new TextLayer({ textContentSource: page.streamTextContent(), container: words, viewport });
    onStop(() => layer.cancel());
    await layer.render();
  }

  return {
    pages: file.numPages,
    draw(number, on) {
      let isStopped = false;
      let stopWork = () => {};
      const done = drawn(
        number,
        on,
        () => isStopped,
        (stop) => {
          stopWork = stop;
        },
      ).catch((error: unknown) => {
        if (!isStopped) {
          throw error;
        }
      });
      return {
        done,
        stop() {
          isStopped = true;
          stopWork();
        },
      };
    },
    close: () => void loading.destroy(),
  };
}

/**
 * Throw where there is no such file. pdf.js, asked for one, answers with an error that nobody awaits yet when the
 * refusal comes before its worker asks for it: on a busy machine that reached the page as an uncaught rejection.
 */
async function beThere(url: string): Promise<void> {
  const first = await fetch(url, { headers: { Range: "bytes=0-0" } });
  await first.body?.cancel();
  if (!first.ok) {
    throw new Error(`${url}: HTTP ${first.status}`);
  }
}

function bytesOf(url: string): Uint8Array {
  const [head = "", body = ""] = url.split(",", 2);
  const text = head.toLowerCase().endsWith(";base64") ? atob(body) : decodeURIComponent(body);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
