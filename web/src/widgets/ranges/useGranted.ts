import { useEffect, useEffectEvent, useRef } from "react";

/** Do what a key wished for, once each; what was wished before the page was opened is past. */
export function useGranted<Wish>(
  wish: { what: Wish; number: number } | null,
  grant: (what: Wish) => void,
): void {
  const last = useRef(wish?.number ?? 0);
  const onWish = useEffectEvent(grant);
  useEffect(() => {
    if (wish !== null && wish.number !== last.current) {
      last.current = wish.number;
      onWish(wish.what);
    }
  }, [wish]);
}
