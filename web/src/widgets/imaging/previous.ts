/** What was drawn on the item before, so that it can be copied: pictures of one series look alike. */

import { useEffect, useState } from "react";

interface Kept {
  item: string;
  regions: readonly unknown[];
}

/** By question: the item on the desk, and the one before it. Lives as long as the tab. */
const latest = new Map<string, Kept>();
const before = new Map<string, Kept>();

/** Give the regions that the same question had on the item before this one; keep this one's for the next. */
export function usePrevious<R>(id: string, item: string, regions: readonly R[]): readonly R[] {
  const question = id.startsWith(`${item}/`) ? id.slice(item.length + 1) : id;
  const [previous] = useState(() => {
    const last = latest.get(question);
    if (last !== undefined && last.item !== item) {
      before.set(question, last);
    }
    return (before.get(question)?.regions ?? []) as readonly R[];
  });
  useEffect(() => {
    if (regions.length > 0) {
      latest.set(question, { item, regions });
    }
  }, [question, item, regions]);
  return previous;
}
