/** What a person can do at the desk. Composes the store, the outbox and the supply; knows no task type. */

import type { Api } from "../api/client";
import { isSignedOut, Refused, sentence } from "../api/problem";
import type { Entry, Project, Receipt, TakenBack } from "../api/types";
import { shownQuestions } from "../domain/asked";
import type { Done, Happening, Labelling } from "../domain/labelling";
import { current, EMPTY_DESK, reduceLabelling } from "../domain/labelling";
import type { Outgoing } from "../domain/outgoing";
import { previewOf } from "../domain/preview";
import type { Stopwatch } from "../domain/stopwatch";
import { createStore, type Store } from "../domain/store";
import { widgetFor } from "../widgets/registry";
import { msg, t } from "../words/words";
import {
  answersOf,
  answerTo,
  canRedo,
  canUndo,
  isHeldBack,
  isRejected,
  missing,
  prepared,
  reasonOf,
  suggestionOf,
} from "./answering";
import { createDrafts } from "./drafts";
import { createOutbox, type Outbox, type Outcome } from "./outbox";
import { createSend } from "./sending";
import type { Shelf } from "./shelf";
import { createSuggesting, type Suggesting } from "./suggesting";
import { createSupply } from "./supply";

export interface Desk extends Suggesting {
  store: Store<Labelling, Happening>;
  outbox: Outbox;
  act(question: string, action: unknown): void;
  /** Take an answer that was begun away again: one that may be left open then is. */
  clear(question: string): void;
  submit(): void;
  skip(reason: string): void;
  /** Take back the last submission, or the one sent under `key`. */
  undo(key?: string): void;
  /** Take back an own submission by its number, also one that the list no longer holds. */
  takeBack(submission: string): void;
  /** Submit once more, as it was, the item on the desk that was taken back. */
  redo(): void;
  /** Say why the model's label is wrong. */
  explain(reason: string): void;
  refill(): void;
  recheck(): void;
  /** The page may be gone in a moment: put everything where it lasts. */
  leave(): void;
  close(): void;
}

export interface DeskWorld {
  api: Api;
  project: Project;
  annotator: string;
  /** Where writes wait for the server. */
  shelf: Shelf;
  stopwatch: Stopwatch;
  newKey(): string;
  clock(): number;
  random(): number;
  onSignedOut(): void;
  /** Something was acknowledged; the receipt says how far the work is, where there is one. */
  onProgress(receipt: Receipt | null): void;
}

export function createDesk(world: DeskWorld): Desk {
  const { api, project, stopwatch } = world;
  const store = createStore<Labelling, Happening>(EMPTY_DESK, reduceLabelling);
  const leaseSeconds = project.policy.lease_seconds;
  const finished = new Set<string>();
  const supply = createSupply({
    api,
    project: project.name,
    store,
    leaseSeconds,
    isFinished: (lease) => finished.has(lease),
    prepared: (entry) => prepared(project, entry),
    underWay: () => outbox.waiting().filter((one) => one.kind !== "retract").length,
    onSignedOut: world.onSignedOut,
  });
  const outbox = createOutbox({
    shelf: world.shelf,
    random: world.random,
    send: createSend(world),
    onOutcome,
  });

  const drafts = createDrafts({ api, project: project.name, store, secondsOn });

  function onOutcome({ outgoing, answer, error }: Outcome): void {
    let receipt: Receipt | null = null;
    if (error !== undefined) {
      const text = `${t(REFUSED[outgoing.kind])} ${sentence(error)}`;
      store.dispatch({ type: "refused", key: outgoing.kind === "retract" ? "" : outgoing.key, text });
    } else if (outgoing.kind === "retract") {
      const { entry, answers } = answer as TakenBack;
      finished.delete(entry?.lease ?? "");
      store.dispatch({ type: "taken back", key: outgoing.of, entry, answers });
      stopwatch.reset();
    } else {
      receipt = outgoing.kind === "submit" ? (answer as Receipt) : null;
      store.dispatch({ type: "acknowledged", key: outgoing.key, receipt });
    }
    world.onProgress(receipt);
    void supply.refill();
  }

  /** Move the item from the desk to the outbox. */
  function finish(make: (entry: Entry, place: number) => Outgoing & { kind: "submit" | "skip" }): void {
    const entry = current(store.get());
    if (entry === null) {
      return;
    }
    const outgoing = make(entry, world.clock());
    const { key, kind, preview } = outgoing;
    const isAnswer = outgoing.kind === "submit";
    const done: Done = {
      key,
      kind,
      preview,
      entry,
      status: "on its way",
      submission: null,
      answers: isAnswer ? outgoing.answers : {},
      seconds: isAnswer ? outgoing.seconds : 0,
    };
    finished.add(entry.lease);
    store.dispatch({ type: "finished", done });
    stopwatch.reset();
    outbox.add(outgoing);
    void supply.refill();
  }

  function submit(): void {
    const entry = current(store.get());
    if (entry === null) {
      return;
    }
    const state = store.get();
    const isUnexplained = isRejected(project, entry, state) && reasonOf(entry, state) === "";
    if (missing(project, entry, state).size > 0 || isUnexplained) {
      store.dispatch({ type: "attempted" });
      return;
    }
    if (isHeldBack(entry) && state.revealing[entry.lease] !== "failed") {
      void reveal(entry);
      return;
    }
    const reason = isRejected(project, entry, state) ? reasonOf(entry, state) : "";
    const answers = answersOf(project, entry, store.get());
    const seconds = secondsOn(entry.lease);
    const preview = previewOf(entry.item, project.content_fields);
    const key = world.newKey();
    finish(({ lease }, place) => ({ kind: "submit", key, place, lease, answers, seconds, preview, reason }));
  }

  /** The server has the first answer before the page has the suggestion. Without a connection there is none. */
  async function reveal(entry: Entry): Promise<void> {
    const { lease } = entry;
    if (store.get().revealing[lease] === "asked") {
      return;
    }
    store.dispatch({ type: "reveal asked", lease });
    const first = {
      lease,
      answers: answersOf(project, entry, store.get()),
      seconds: secondsOn(lease),
    };
    try {
      const shown = await api.reveal(project.name, first);
      store.dispatch({ type: "revealed", entry: { ...shown, lease }, text: t(REVEALED) });
    } catch (error) {
      const text = error instanceof Refused ? sentence(error) : t("There is no connection.");
      store.dispatch({ type: "reveal failed", lease, text: `${t(NOT_REVEALED)} ${text}` });
      if (isSignedOut(error)) {
        world.onSignedOut();
      }
    }
  }

  function secondsOn(lease: string): number {
    const state = store.get();
    const now = current(state)?.lease === lease ? stopwatch.seconds() : 0;
    return now + (state.earlierSeconds[lease] ?? 0);
  }

  function tell(text: string): void {
    store.dispatch({ type: "noticed", notice: { kind: "told", text } });
  }

  function isBeingTakenBack(key: string): boolean {
    return outbox.waiting().some((one) => one.kind === "retract" && one.of === key);
  }

  function undo(key?: string): void {
    // What is on its way back already is passed over: pressed twice, it takes back two.
    const target = store
      .get()
      .done.find((done) =>
        key === undefined ? canUndo(done) && !isBeingTakenBack(done.key) : done.key === key,
      );
    if (target === undefined || !canUndo(target)) {
      tell(t("There is nothing to take back here."));
      return;
    }
    if (outbox.cancel(target.key)) {
      const { entry, answers } = target;
      finished.delete(entry?.lease ?? "");
      store.dispatch({ type: "taken back", key: target.key, entry, answers });
      return;
    }
    if (!isBeingTakenBack(target.key)) {
      const [key_, of, place] = [world.newKey(), target.key, world.clock()];
      outbox.add({ kind: "retract", key: key_, place, of, submission: target.submission });
    }
  }

  return {
    store,
    outbox,
    act(name, action) {
      const entry = current(store.get());
      const draft = entry ? (store.get().drafts[entry.lease] ?? {}) : {};
      // What is not shown is not answered, by its keys neither.
      const question = entry && shownQuestions(project, entry, draft).find((one) => one.name === name);
      const widget = question && widgetFor(question.type);
      if (entry && question && widget) {
        const value = answerTo(question, draft);
        const suggestion = suggestionOf(entry, question, store.get().showsSuggestions)?.value ?? null;
        const next = widget.reduce(value, action, question.settings, { item: entry.item, suggestion });
        store.dispatch({ type: "answered", question: name, value: next });
      }
    },
    clear(name) {
      const question = project.questions.find((one) => one.name === name);
      if (question) {
        const value = widgetFor(question.type)?.initial(question.settings, null) ?? null;
        store.dispatch({ type: "answered", question: name, value });
      }
    },
    submit,
    skip(reason) {
      finish(({ lease, item }, place) => {
        const preview = previewOf(item, project.content_fields);
        return { kind: "skip", key: world.newKey(), place, lease, reason, preview };
      });
    },
    undo,
    takeBack(submission) {
      const listed = store.get().done.find((done) => done.submission === submission && canUndo(done));
      if (listed) {
        undo(listed.key);
      } else if (!isBeingTakenBack(submission)) {
        const [key, place] = [world.newKey(), world.clock()];
        outbox.add({ kind: "retract", key, place, of: submission, submission });
      }
    },
    redo() {
      const lease = current(store.get())?.lease;
      if (lease === undefined || !canRedo(store.get())) {
        tell(t("There is nothing to submit again here."));
        return;
      }
      store.dispatch({ type: "redone", lease });
      submit();
    },
    ...createSuggesting(project, store),
    explain(reason) {
      const lease = current(store.get())?.lease;
      if (lease !== undefined) {
        store.dispatch({ type: "reasoned", lease, reason });
      }
    },
    refill: () => void supply.refill(),
    recheck: () => void supply.recheck(),
    leave() {
      outbox.leave();
      drafts.leave();
    },
    close() {
      drafts.close();
      supply.close();
      outbox.close();
    },
  };
}

const REFUSED = {
  submit: msg("The last answer was not accepted:"),
  skip: msg("The item could not be skipped:"),
  retract: msg("It could not be taken back:"),
} as const;

const REVEALED = msg("This is what the model says. Change your answer, or submit it as it is.");
const NOT_REVEALED = msg(
  "What the model says cannot be fetched now; submit once more to send your answer as it is.",
);
