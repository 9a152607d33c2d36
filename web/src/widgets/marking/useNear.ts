import { type RefObject, useEffect, useState } from "react";

/** How far beyond the window pieces are drawn with their marks. */
const MARGIN = "600px";

/** Which pieces of a scrolling text are in sight or nearly; null = all, where the browser cannot tell. */
export function useNear(window_: RefObject<HTMLElement | null>, pieces: number): ReadonlySet<number> | null {
  const [near, setNear] = useState<ReadonlySet<number> | null>(() =>
    pieces > 1 && "IntersectionObserver" in globalThis ? new Set([0]) : null,
  );
  useEffect(() => {
    const root = window_.current;
    if (root === null || pieces <= 1 || !("IntersectionObserver" in globalThis)) {
      setNear(null);
      return;
    }
    const observer = new IntersectionObserver(
      (entries) =>
        setNear((known) => {
          const next = new Set(known ?? []);
          for (const { target, isIntersecting } of entries) {
            const number = Number((target as HTMLElement).dataset.piece);
            if (isIntersecting) {
              next.add(number);
            } else {
              next.delete(number);
            }
          }
          return next;
        }),
      { root, rootMargin: MARGIN },
    );
    for (const piece of root.querySelectorAll("[data-piece]")) {
      observer.observe(piece);
    }
    return () => observer.disconnect();
  }, [window_, pieces]);
  return near;
}
