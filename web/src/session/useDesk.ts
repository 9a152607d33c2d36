/** A desk for as long as the page is open, wired to what the browser tells: focus, network, leaving. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { Progress, Project, Session } from "../api/types";
import type { Done, Labelling } from "../domain/labelling";
import { createStopwatch, type Stopwatch } from "../domain/stopwatch";
import { widgetFor } from "../widgets/registry";
import { msg, t } from "../words/words";
import { useApi } from "./ApiContext";
import { createDesk, type Desk } from "./desk";
import { createMediaShelf } from "./mediaShelf";
import type { Outbox, OutboxState } from "./outbox";
import { openShelf, type Shelf, type ShelfKind } from "./shelf";
import { SESSION } from "./useSession";

const REMEMBERED = 20;

export const progressKey = (project: string) => ["progress", project] as const;

export function useDesk(project: Project, annotator: string): Desk | null {
  const api = useApi();
  const queries = useQueryClient();
  const [desk, setDesk] = useState<Desk | null>(null);

  useEffect(() => {
    let isGone = false;
    let close = () => {};
    const box = `labelwright/outbox/${project.name}/${annotator}/`;
    void openShelf(window.indexedDB, simpleStorage(), box).then((shelf) => {
      if (!isGone) {
        close = open(shelf);
      }
    });

    function open(shelf: Shelf): () => void {
      const stopwatch = createStopwatch(() => performance.now());
      const opened = createDesk({
        api,
        project,
        annotator,
        stopwatch,
        shelf,
        newKey: () => crypto.randomUUID(),
        clock: rising(() => Date.now()),
        random: Math.random,
        onSignedOut: () => void queries.invalidateQueries({ queryKey: SESSION }),
        onProgress: (receipt) => {
          if (receipt === null) {
            void queries.invalidateQueries({ queryKey: progressKey(project.name) });
            return;
          }
          // What was asked before the receipt may be told after it, and would count back.
          const key = progressKey(project.name);
          void queries.cancelQueries({ queryKey: key }).then(() => {
            queries.setQueryData<Progress>(key, (known) =>
              known ? { ...known, ...receipt.progress } : known,
            );
            if (queries.getQueryData(key) === undefined) {
              return queries.invalidateQueries({ queryKey: key });
            }
          });
        },
      });
      const unwatch = watchBrowser(
        opened,
        stopwatch,
        `labelwright/left/${project.name}/${annotator}`,
        signInAgain,
      );
      setDesk(opened);
      opened.outbox.wake();
      opened.refill();
      restore(opened);
      const warning = WARNING[shelf.kind()];
      if (warning !== null) {
        opened.store.dispatch({ type: "noticed", notice: { kind: "warned", text: t(warning) } });
      }

      /** Somebody may have signed in again in another tab; only the same person's answers go out by that. */
      async function signInAgain(): Promise<void> {
        const session = await api.session().catch(() => null);
        if (session !== null) {
          queries.setQueryData<Session>(SESSION, session);
          if (session.annotator.id === annotator) {
            opened.outbox.wake();
            opened.refill();
          }
        }
      }

      return () => {
        unwatch();
        opened.leave();
        opened.close();
      };
    }

    function restore(opened: Desk): void {
      opened.store.dispatch({
        type: "restored",
        done: opened.outbox.waiting().flatMap(stillWaiting).reverse(),
      });
      api.mine(project.name, REMEMBERED).then(
        (mine) => {
          const known = new Set(opened.store.get().done.map((done) => done.submission));
          const done = mine
            .filter((one) => !known.has(one.submission))
            .map(({ submission, item, answers }) => remembered(submission, item.preview || item.id, answers));
          opened.store.dispatch({ type: "restored", done });
        },
        // The list of earlier answers is a convenience: labelling goes on without it.
        () => {},
      );
    }

    return () => {
      isGone = true;
      close();
      setDesk(null);
    };
  }, [api, project, annotator, queries]);

  return desk;
}

export function useLabelling(desk: Desk): Labelling {
  return useSyncExternalStore(desk.store.subscribe, desk.store.get);
}

export function useOutbox(outbox: Outbox): OutboxState {
  return useSyncExternalStore(outbox.subscribe, outbox.state);
}

/** Only that: a page that follows every write would be drawn anew with each. */
export function useIsSignedOut(outbox: Outbox): boolean {
  return useSyncExternalStore(outbox.subscribe, () => outbox.state().trouble === "signed out");
}

/** What an answer was, in a few words. */
export function describeAnswers(project: Project, done: Done): string {
  return project.questions
    .filter((question) => question.name in done.answers)
    .map(
      (question) => widgetFor(question.type)?.describe(done.answers[question.name], question.settings) ?? "",
    )
    .filter(Boolean)
    .join(" · ");
}

/** What to say where answers that wait are less safe than they could be. */
const WARNING: Record<ShelfKind, string | null> = {
  database: null,
  storage: msg(
    "This browser keeps its database from the page: answers that wait are kept in its simpler storage instead.",
  ),
  memory: msg("This browser lets the page keep nothing: do not close this tab before everything is saved."),
};

/** Reading `localStorage` throws where it is forbidden. */
function simpleStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** The other tabs learn of a tab's leaving by its note in the storage, a little after the claims were given up. */
const AFTER_LEAVING_MS = 500;

function watchBrowser(
  desk: Desk,
  stopwatch: Stopwatch,
  leftNote: string,
  signInAgain: () => Promise<void>,
): () => void {
  const stop = new AbortController();
  const readyMedia = createMediaShelf();
  const unsubscribe = desk.store.subscribe(() => readyMedia(desk.store.get().held));
  const on = (target: EventTarget, names: string[], listener: (event: Event) => void) => {
    for (const name of names) {
      target.addEventListener(name, listener, { signal: stop.signal, passive: true });
    }
  };
  const attend = () => stopwatch.attend(document.visibilityState === "visible" && document.hasFocus());
  on(window, ["focus", "blur"], attend);
  on(document, ["visibilitychange"], attend);
  on(document, ["keydown", "pointerdown", "pointermove", "wheel", "touchmove"], () => stopwatch.stir());
  on(window, ["online"], () => {
    desk.outbox.wake();
    desk.refill();
  });
  on(window, ["focus"], () => {
    if (desk.outbox.state().trouble === "signed out") {
      void signInAgain();
    } else {
      desk.refill();
    }
  });
  on(window, ["pagehide"], () => {
    desk.leave();
    desk.close();
    try {
      window.localStorage.setItem(leftNote, String(Date.now()));
    } catch {
      // Other tabs find out when their own claims are renewed.
    }
  });
  on(window, ["storage"], (event) => {
    if ((event as StorageEvent).key === leftNote) {
      window.setTimeout(desk.recheck, AFTER_LEAVING_MS);
    }
  });
  // Back from the browser's memory: the claims were given up on leaving, so begin anew.
  on(window, ["pageshow"], (event) => {
    if ((event as PageTransitionEvent).persisted) {
      window.location.reload();
    }
  });
  return () => {
    stop.abort();
    unsubscribe();
  };
}

function stillWaiting(outgoing: ReturnType<Outbox["waiting"]>[number]): Done[] {
  if (outgoing.kind !== "submit") {
    return [];
  }
  const { key, preview, answers, seconds } = outgoing;
  return [
    { key, kind: "submit", status: "on its way", submission: null, preview, answers, seconds, entry: null },
  ];
}

function remembered(submission: string, preview: string, answers: Done["answers"]): Done {
  return {
    key: submission,
    kind: "submit",
    status: "saved",
    submission,
    preview,
    answers,
    seconds: 0,
    entry: null,
  };
}

/** A clock whose readings are never equal, so that they order writes. */
function rising(now: () => number): () => number {
  let last = 0;
  return () => {
    last = Math.max(now(), last + 0.001);
    return last;
  };
}
