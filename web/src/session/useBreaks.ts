import { useEffect, useEffectEvent, useRef, useState } from "react";
import { isBreakDue, type Limits, passed, startOfWork, type Worked } from "../domain/breaks";

const LOOK_SECONDS = 5;
const STIRS = ["keydown", "pointerdown", "pointermove", "wheel", "touchmove"] as const;

/** Say when a break is due. Kept in this tab alone: nobody is told who rests, and when. last: the newest item done. */
export function useBreaks(
  limits: Limits,
  last: string | null,
): { worked: Worked | null; rested: () => void } {
  const [due, setDue] = useState<Worked | null>(null);
  const worked = useRef<Worked>(startOfWork(Date.now()));
  const hasStirred = useRef(false);
  const before = useRef(last);
  const look = useEffectEvent((seconds: number) => {
    worked.current = passed(worked.current, seconds, Date.now(), hasStirred.current);
    hasStirred.current = false;
    if (due === null && isBreakDue(worked.current, limits)) {
      setDue(worked.current);
    }
  });
  useEffect(() => {
    const stir = () => {
      hasStirred.current = true;
    };
    for (const name of STIRS) {
      document.addEventListener(name, stir, { passive: true });
    }
    const clock = setInterval(() => look(LOOK_SECONDS), LOOK_SECONDS * 1000);
    return () => {
      clearInterval(clock);
      for (const name of STIRS) {
        document.removeEventListener(name, stir);
      }
    };
  }, []);
  useEffect(() => {
    if (last !== null && last !== before.current) {
      worked.current = { ...worked.current, items: worked.current.items + 1 };
      look(0);
    }
    before.current = last;
  }, [last]);
  return {
    worked: due,
    rested() {
      worked.current = startOfWork(Date.now());
      setDue(null);
    },
  };
}
