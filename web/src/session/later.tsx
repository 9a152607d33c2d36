/** Parts of the page that come with their first use, over a network that may be dead just then. */

import { type ComponentType, createElement, lazy } from "react";

const AGAIN_MS = 4_000;

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>;
export type Later<Props> = ComponentType<Props> & { fetch: () => Promise<unknown> };

/** What could not be fetched: React keeps a failure for good, so these are made anew. */
const failed = new Set<() => void>();

/** Like React's `lazy`; but what could not be fetched is fetched again after `tryAnew`, and `fetch` has it at hand before. */
export function later<Props extends object>(load: Load<Props>): Later<Props> {
  let current = attempt();
  function attempt(): ComponentType<Props> {
    return lazy(() =>
      load().catch((error: unknown) => {
        failed.add(() => {
          current = attempt();
        });
        throw error;
      }),
    ) as unknown as ComponentType<Props>;
  }
  const Part = (props: Props) => createElement(current, props);
  return Object.assign(Part, { fetch: load });
}

/** Let what failed be fetched again when it is next shown; called once its failure was told. */
export function tryAnew(): void {
  for (const renew of failed) {
    renew();
  }
  failed.clear();
}

/** Have these parts at hand soon, so that a network that dies takes none away; gives how to stop trying. */
export function fetchSoon(parts: readonly { fetch: () => Promise<unknown> }[]): () => void {
  let timer = window.setTimeout(fetchAll, AGAIN_MS / 4);
  async function fetchAll() {
    const results = await Promise.allSettled(parts.map((part) => part.fetch()));
    if (results.some(({ status }) => status === "rejected")) {
      timer = window.setTimeout(fetchAll, AGAIN_MS);
    }
  }
  return () => window.clearTimeout(timer);
}

/** A part whose styles did not come is shown without them, as the bundler fetches them once only: fetch them until they come. */
export function keepFetchingStyles(): void {
  window.addEventListener("vite:preloadError", (event) => {
    const href = /Unable to preload CSS for (\S+)/.exec(String(event.payload))?.[1];
    if (href !== undefined) {
      window.setTimeout(() => fetchStyle(href), AGAIN_MS);
    }
  });
}

function fetchStyle(href: string): void {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  link.onerror = () => {
    link.remove();
    window.setTimeout(() => fetchStyle(href), AGAIN_MS);
  };
  document.head.append(link);
}
