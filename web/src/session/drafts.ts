/** Takes what is begun to the server, so that a reload or another device goes on with it. */

import type { Api } from "../api/client";
import { heals, isSignedOut } from "../api/problem";
import type { Answers } from "../api/types";
import type { Happening, Labelling } from "../domain/labelling";
import type { Store } from "../domain/store";

/** From a change to the request; what changes meanwhile goes with it. */
const AFTER_MS = 1_000;
const AGAIN_AFTER_MS = 5_000;

export interface Drafts {
  /** Send now what the server does not have, without waiting for an answer: the page is being left. */
  leave(): void;
  close(): void;
}

interface World {
  api: Api;
  project: string;
  store: Store<Labelling, Happening>;
  /** Time at work on an item so far. */
  secondsOn(lease: string): number;
}

export function createDrafts({ api, project, store, secondsOn }: World): Drafts {
  let later: ReturnType<typeof setTimeout> | undefined;
  let isSending = false;
  /** Drafts the server will not have: too long, or the item is somebody else's by now. They stay in this tab. */
  const refused = new WeakSet<Answers>();

  function unsent(): [lease: string, answers: Answers][] {
    const { held, drafts, keptDrafts } = store.get();
    return held.flatMap(({ lease }) => {
      const answers = drafts[lease];
      const isNew = answers !== undefined && answers !== keptDrafts[lease] && !refused.has(answers);
      return isNew ? [[lease, answers] as [string, Answers]] : [];
    });
  }

  function look(): void {
    if (later === undefined && !isSending && unsent().length > 0) {
      later = setTimeout(send, AFTER_MS);
    }
  }

  async function send(): Promise<void> {
    later = undefined;
    isSending = true;
    let isTroubled = false;
    for (const [lease, answers] of unsent()) {
      try {
        await api.keepDraft(project, lease, { answers, seconds: secondsOn(lease) });
        store.dispatch({ type: "draft kept", lease, answers });
      } catch (error) {
        if (heals(error) || isSignedOut(error)) {
          isTroubled = true;
          break;
        }
        refused.add(answers);
      }
    }
    isSending = false;
    if (isTroubled) {
      later = setTimeout(send, AGAIN_AFTER_MS);
    } else {
      look();
    }
  }

  const unsubscribe = store.subscribe(look);
  return {
    leave() {
      for (const [lease, answers] of unsent()) {
        api.keepDraft(project, lease, { answers, seconds: secondsOn(lease) }, true).catch(() => {});
      }
    },
    close() {
      unsubscribe();
      clearTimeout(later);
    },
  };
}
