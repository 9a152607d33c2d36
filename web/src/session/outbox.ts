/** Nothing that was answered is lost: writes wait here, survive a reload, and go out in order, each under one key.
 *
 * Every write has a storage key of its own, so two tabs never overwrite each other's. Both may send the same write
 * after a reload; the idempotency key makes that harmless.
 */

import { heals, isSignedOut, Refused } from "../api/problem";
import type { Outgoing } from "../domain/outgoing";
import { backoffMs } from "../domain/outgoing";

export interface OutboxState {
  waiting: number;
  /** Failed attempts at the first in line. */
  attempts: number;
  trouble: "none" | "unreachable" | "signed out";
}

/** What an acknowledged or finally refused write means is the desk's business. */
export interface Outcome {
  outgoing: Outgoing;
  answer?: unknown;
  error?: unknown;
}

export interface Outbox {
  state(): OutboxState;
  add(outgoing: Outgoing): void;
  /** Take a write back before it was ever sent; false when it may have left. */
  cancel(key: string): boolean;
  /** Writes left over from before a reload, oldest first. */
  waiting(): readonly Outgoing[];
  /** Try now: the network is back, or somebody signed in again. */
  wake(): void;
  subscribe(listener: () => void): () => void;
  close(): void;
}

interface World {
  storage: Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem">;
  /** Separates projects and people. */
  prefix: string;
  send(outgoing: Outgoing): Promise<unknown>;
  onOutcome(outcome: Outcome): void;
  random: () => number;
}

export function createOutbox({ storage, prefix, send, onOutcome, random }: World): Outbox {
  let line: Outgoing[] = stored(storage, prefix);
  const attempted = new Set(line.map((outgoing) => outgoing.key));
  let state: OutboxState = { waiting: line.length, attempts: 0, trouble: "none" };
  let isSending = false;
  let isClosed = false;
  let pause: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  function change(next: Partial<OutboxState>): void {
    state = { ...state, ...next, waiting: line.length };
    for (const listener of listeners) {
      listener();
    }
  }

  function keep(outgoing: Outgoing): void {
    try {
      storage.setItem(prefix + outgoing.key, JSON.stringify(outgoing));
    } catch {
      // Storage is full or forbidden: the write still waits in memory.
    }
  }

  function finish(outcome: Outcome): void {
    const { outgoing, answer } = outcome;
    line = line.filter((one) => one.key !== outgoing.key);
    storage.removeItem(prefix + outgoing.key);
    if (outgoing.kind === "submit") {
      settleRetractions(outgoing.key, (answer as { submission?: string } | undefined)?.submission ?? null);
    }
    change({ attempts: 0, trouble: "none" });
    onOutcome(outcome);
  }

  /** A retraction needs the number that the server gave; what was refused needs none. */
  function settleRetractions(of: string, submission: string | null): void {
    line = line.flatMap((one) => {
      if (one.kind !== "retract" || one.of !== of) {
        return [one];
      }
      if (submission === null) {
        storage.removeItem(prefix + one.key);
        return [];
      }
      const known = { ...one, submission };
      keep(known);
      return [known];
    });
  }

  async function work(): Promise<void> {
    if (isSending) {
      return;
    }
    isSending = true;
    while (!isClosed && pause === undefined) {
      const first = line[0];
      if (first === undefined) {
        break;
      }
      attempted.add(first.key);
      try {
        const answer = await send(first);
        finish({ outgoing: first, answer });
      } catch (error) {
        if (isSignedOut(error)) {
          change({ trouble: "signed out" });
          break;
        }
        if (!heals(error)) {
          finish({ outgoing: first, error });
          continue;
        }
        const attempts = state.attempts + 1;
        change({ attempts, trouble: "unreachable" });
        const retryAfter = error instanceof Refused ? error.retryAfterSeconds : null;
        pause = setTimeout(wake, backoffMs(attempts, random, retryAfter));
      }
    }
    isSending = false;
  }

  function wake(): void {
    clearTimeout(pause);
    pause = undefined;
    void work();
  }

  return {
    state: () => state,
    waiting: () => line,
    add(outgoing) {
      line = [...line, outgoing];
      keep(outgoing);
      change({});
      if (state.trouble !== "signed out") {
        void work();
      }
    },
    cancel(key) {
      if (attempted.has(key) || !line.some((one) => one.key === key)) {
        return false;
      }
      line = line.filter((one) => one.key !== key);
      storage.removeItem(prefix + key);
      change({});
      return true;
    },
    wake,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      isClosed = true;
      clearTimeout(pause);
    },
  };
}

function stored(storage: World["storage"], prefix: string): Outgoing[] {
  const names = Array.from({ length: storage.length }, (_, place) => storage.key(place));
  const found = names
    .filter((name): name is string => name?.startsWith(prefix) ?? false)
    .flatMap((name) => {
      try {
        return [JSON.parse(storage.getItem(name) ?? "") as Outgoing];
      } catch {
        return [];
      }
    });
  return found.sort((a, b) => a.place - b.place);
}
