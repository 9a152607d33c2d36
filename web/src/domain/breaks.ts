/** When to suggest a break: counted in this browser alone, forgotten after a rest. */

export interface Worked {
  /** Active seconds and items since the last rest. */
  seconds: number;
  items: number;
  /** When the person last did something, in milliseconds. */
  stirredAt: number;
}

export interface Limits {
  minutes: number | null;
  items: number | null;
}

/** Away for so long is a break. */
export const REST_SECONDS = 300;
/** Without a key or a move for so long, nobody is at work. */
const IDLE_SECONDS = 120;

export function startOfWork(now: number): Worked {
  return { seconds: 0, items: 0, stirredAt: now };
}

/** Some seconds have passed; stirred: the person did something meanwhile. */
export function passed(worked: Worked, seconds: number, now: number, stirred: boolean): Worked {
  const isAway = now - worked.stirredAt > REST_SECONDS * 1000;
  if (stirred) {
    return {
      ...(isAway ? startOfWork(now) : worked),
      seconds: isAway ? 0 : worked.seconds + seconds,
      stirredAt: now,
    };
  }
  return now - worked.stirredAt <= IDLE_SECONDS * 1000
    ? { ...worked, seconds: worked.seconds + seconds }
    : worked;
}

export function isBreakDue(worked: Worked, { minutes, items }: Limits): boolean {
  return (minutes !== null && worked.seconds >= minutes * 60) || (items !== null && worked.items >= items);
}

/** A person's own choice goes before the project's: null = as the project says, 0 = never. */
export function limitsFor(project: Limits, own: number | null): Limits {
  if (own === null) {
    return project;
  }
  return { minutes: own === 0 ? null : own, items: null };
}
