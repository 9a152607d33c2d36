/** Keeps items at hand: asks for more in time, keeps the claims on them alive, gives them back on leaving. */

import type { Api } from "../api/client";
import { heals, isSignedOut, Refused } from "../api/problem";
import type { Entry } from "../api/types";
import type { Happening, Labelling } from "../domain/labelling";
import type { Store } from "../domain/store";

/** One on the desk and five behind it. */
export const AT_HAND = 6;
const ASK_AGAIN_MS = [5_000, 10_000, 20_000, 30_000];

/** The server's limit for one person. */
const MOST_HELD = 10;

export interface Supply {
  /** Ask for as many as are missing. */
  refill(): Promise<void>;
  /** Another tab gave up what both of them held: see what is still ours, and claim it again where it is free. */
  recheck(): Promise<void>;
  /** Stop, and let others have what was held. */
  close(): void;
}

interface World {
  api: Api;
  project: string;
  store: Store<Labelling, Happening>;
  leaseSeconds: number;
  /** What is done to an entry before it lies on the desk. */
  prepared(entry: Entry): Entry;
  /** Leases that were answered or skipped here; the server may not know it yet and offer them once more. */
  isFinished(lease: string): boolean;
  /** How many of those are still on their way. */
  underWay(): number;
  onSignedOut(): void;
}

export function createSupply(world: World): Supply {
  const { api, project, store, leaseSeconds, onSignedOut } = world;
  let isAsking = false;
  let isClosed = false;
  let emptyAnswers = 0;
  let later: ReturnType<typeof setTimeout> | undefined;
  const renewals = setInterval(renewAll, Math.max(2_000, (leaseSeconds * 1000) / 3));

  async function refill(): Promise<void> {
    const { held, lost } = store.get();
    if (isAsking || isClosed || (held.length >= AT_HAND && lost.length === 0)) {
      return;
    }
    isAsking = true;
    clearTimeout(later);
    try {
      // The server counts what it thinks is held, and gives that first.
      const wanted = Math.min(MOST_HELD, AT_HAND + world.underWay());
      const given = await api.lease(project, wanted);
      const entries = given.filter((entry) => !world.isFinished(entry.lease)).map(world.prepared);
      if (isClosed) {
        for (const entry of entries) {
          release(entry.lease);
        }
        return;
      }
      const before = store.get().held.length;
      store.dispatch({ type: "arrived", entries });
      emptyAnswers = store.get().held.length > before ? 0 : emptyAnswers + 1;
    } catch (error) {
      store.dispatch({ type: "supply failed" });
      emptyAnswers += 1;
      if (isSignedOut(error)) {
        onSignedOut();
      }
    } finally {
      isAsking = false;
    }
    if (isClosed) {
      return;
    }
    if (emptyAnswers > 0) {
      later = setTimeout(refill, ASK_AGAIN_MS[Math.min(emptyAnswers, ASK_AGAIN_MS.length) - 1]);
    } else if (store.get().held.length < AT_HAND) {
      later = setTimeout(refill, 1_000);
    }
  }

  async function renewAll(): Promise<void> {
    for (const { lease } of store.get().held) {
      if (store.get().lost.includes(lease)) {
        continue;
      }
      try {
        const fresh = await api.renew(project, lease);
        store.dispatch({ type: "renewed", lease, renewed: fresh.lease, expires_at: fresh.expires_at });
      } catch (error) {
        if (isSignedOut(error)) {
          onSignedOut();
          return;
        }
        if (error instanceof Refused && !heals(error)) {
          store.dispatch({ type: "lost", lease });
          void refill();
        }
      }
    }
  }

  function release(lease: string): void {
    // The lease runs out by itself when this does not arrive.
    api.release(project, lease).catch(() => {});
  }

  return {
    refill,
    async recheck() {
      await renewAll();
      await refill();
    },
    close() {
      if (isClosed) {
        return;
      }
      isClosed = true;
      clearTimeout(later);
      clearInterval(renewals);
      for (const { lease } of store.get().held) {
        release(lease);
      }
    },
  };
}
