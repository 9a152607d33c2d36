/** Seconds a person really spends on an item: in front of the window, and doing something now and then. */

export interface Stopwatch {
  /** The person is at the window (`true`) or away (`false`). */
  attend(isHere: boolean): void;
  /** A key, a click, a scroll: the person is awake. */
  stir(): void;
  /** Active seconds since the last `reset`. */
  seconds(): number;
  reset(): void;
}

/** Reading a long text takes no keys; after this much silence somebody has gone for coffee. */
export const IDLE_SECONDS = 120;

/** now: milliseconds that never run backwards, such as `performance.now`. */
export function createStopwatch(now: () => number): Stopwatch {
  let counted = 0;
  let isHere = true;
  let from = now();
  let stirred = from;

  function settle(): void {
    const at = now();
    if (isHere) {
      const until = Math.min(at, stirred + IDLE_SECONDS * 1000);
      counted += Math.max(0, until - from);
    }
    from = at;
  }

  return {
    attend(here) {
      settle();
      isHere = here;
      if (here) {
        stirred = now();
      }
    },
    stir() {
      settle();
      stirred = now();
    },
    seconds() {
      settle();
      return Math.round(counted) / 1000;
    },
    reset() {
      counted = 0;
      from = now();
      stirred = from;
    },
  };
}
