/** Nothing that was answered is lost: writes wait here, outlive the tab, and go out in order, each under one key.
 *
 * Two tabs may both send the same write after a reload; the idempotency key makes that harmless.
 */

import { heals, isSignedOut, Refused } from "../api/problem";
import type { Outgoing } from "../domain/outgoing";
import { backoffMs } from "../domain/outgoing";
import type { Shelf, ShelfKind } from "./shelf";

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
  /** Where they wait. */
  keptIn(): ShelfKind;
  /** The page may be gone in a moment. */
  leave(): void;
  /** Writes left over from before a reload, oldest first. */
  waiting(): readonly Outgoing[];
  /** Try now: the network is back, or somebody signed in again. */
  wake(): void;
  subscribe(listener: () => void): () => void;
  close(): void;
}

interface World {
  shelf: Shelf;
  send(outgoing: Outgoing): Promise<unknown>;
  onOutcome(outcome: Outcome): void;
  random: () => number;
}

export function createOutbox({ shelf, send, onOutcome, random }: World): Outbox {
  let line: readonly Outgoing[] = shelf.found;
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

  function finish(outcome: Outcome): void {
    const { outgoing, answer } = outcome;
    line = line.filter((one) => one.key !== outgoing.key);
    shelf.drop(outgoing.key);
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
        shelf.drop(one.key);
        return [];
      }
      const known = { ...one, submission };
      shelf.keep(known);
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

  shelf.onWorse(() => change({}));

  return {
    state: () => state,
    keptIn: shelf.kind,
    leave: shelf.leave,
    waiting: () => line,
    add(outgoing) {
      line = [...line, outgoing];
      shelf.keep(outgoing);
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
      shelf.drop(key);
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
