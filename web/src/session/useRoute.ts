import { useMemo, useSyncExternalStore } from "react";
import { type Route, routeOf } from "../domain/route";

const CHANGED = "labelwright:navigated";

export function navigate(path: string, how: "push" | "replace" = "push"): void {
  if (how === "push") {
    window.history.pushState(null, "", path);
  } else {
    window.history.replaceState(null, "", path);
  }
  window.dispatchEvent(new Event(CHANGED));
}

export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => window.location.pathname);
  return useMemo(() => routeOf(path), [path]);
}

/** What stands behind the "?" of the address. */
export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => window.location.search);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}
