/** What a person can do at the desk. Composes the store, the outbox and the supply; knows no task type. */

import type { Api } from "../api/client";
import { isSignedOut, Refused, sentence } from "../api/problem";
import type { Answers, Entry, Project, Question, Receipt, Suggestion, TakenBack } from "../api/types";
import { isUntouched, questionsOf, shownQuestions } from "../domain/asked";
import type { Done, Happening, Labelling } from "../domain/labelling";
import { current, EMPTY_DESK, reduceLabelling } from "../domain/labelling";
import type { Outgoing } from "../domain/outgoing";
import { previewOf } from "../domain/preview";
import type { Stopwatch } from "../domain/stopwatch";
import { createStore, type Store } from "../domain/store";
import { widgetFor } from "../widgets/registry";
import type { Reason } from "../widgets/widget";
import { msg, t } from "../words/words";
import { createDrafts } from "./drafts";
import { createOutbox, type Outbox, type Outcome } from "./outbox";
import type { Shelf } from "./shelf";
import { createSupply } from "./supply";

export interface Desk {
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
  /** Take over what is suggested for every question that has no answer yet. */
  acceptSuggestions(): void;
  /** Answer a question as one of the models does. */
  adopt(question: string, value: unknown): void;
  /** Answer as the next of the models does, where several were asked. */
  adoptNext(): void;
  /** Reject what was filled in: the answers are empty again. */
  reject(): void;
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
    send,
    onOutcome,
  });

  const drafts = createDrafts({ api, project: project.name, store, secondsOn });

  async function send(outgoing: Outgoing): Promise<unknown> {
    try {
      return await sent(outgoing);
    } catch (error) {
      // Somebody else signed in here meanwhile: to them these items are unknown, but the answers are not lost.
      if (error instanceof Refused && error.status === 404 && (await isSomebodyElse())) {
        throw new Refused(401, { title: "Signed out", detail: t("another person is signed in here") });
      }
      throw error;
    }
  }

  function isSomebodyElse(): Promise<boolean> {
    return api.session().then(
      (session) => session.annotator.id !== world.annotator,
      () => false,
    );
  }

  function sent(outgoing: Outgoing): Promise<unknown> {
    const { key } = outgoing;
    switch (outgoing.kind) {
      case "submit": {
        const { lease, answers, seconds, reason = "" } = outgoing;
        return api.submit(project.name, { lease, answers, seconds, ...(reason ? { reason } : {}) }, key);
      }
      case "skip":
        return api.skip(project.name, { lease: outgoing.lease, reason: outgoing.reason }, key);
      case "retract":
        return api.retract(project.name, outgoing.submission ?? "", key);
    }
  }

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

  function answersOf(entry: Entry): Answers {
    const draft = store.get().drafts[entry.lease] ?? {};
    return Object.fromEntries(
      shownQuestions(project, entry, draft)
        .filter((question) => question.required || !isOpen(question, draft))
        .map((question) => [question.name, submitted(question, answerTo(question, draft))]),
    );
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
    const answers = answersOf(entry);
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
    const first = { lease, answers: answersOf(entry), seconds: secondsOn(lease) };
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

  function adopt(entry: Entry, name: string, value: unknown): void {
    const question = questionsOf(project, entry).find((one) => one.name === name);
    const taken = question && widgetFor(question.type)?.initial(question.settings, value);
    if (taken !== undefined && taken !== null) {
      store.dispatch({ type: "answered", question: name, value: taken });
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
    acceptSuggestions() {
      const state = store.get();
      const entry = current(state);
      if (entry === null) {
        return;
      }
      // In the project's order, so that one taken over may bring up the next.
      for (const question of questionsOf(project, entry)) {
        const now = store.get();
        const answers = now.drafts[entry.lease] ?? {};
        const isDue = isOpen(question, answers) || missing(project, entry, now).has(question);
        const widget = widgetFor(question.type);
        if (!widget || !isDue || !shownQuestions(project, entry, answers).includes(question)) {
          continue;
        }
        const suggestion = suggestionOf(entry, question, state.showsSuggestions)?.value ?? null;
        const action = widget.accept?.(question.settings) ?? null;
        const value =
          action === null
            ? suggestion === null
              ? null
              : widget.initial(question.settings, suggestion)
            : widget.reduce(answerTo(question, answers), action, question.settings, {
                item: entry.item,
                suggestion,
              });
        if (value !== null) {
          store.dispatch({ type: "answered", question: question.name, value });
        }
      }
    },
    adopt(name, value) {
      const entry = current(store.get());
      if (entry !== null) {
        adopt(entry, name, value);
      }
    },
    adoptNext() {
      const entry = current(store.get());
      for (const question of entry === null ? [] : questionsOf(project, entry)) {
        const opinions = entry?.suggestions?.[question.name]?.opinions ?? [];
        const now = answersOf(entry as Entry)[question.name];
        const place = opinions.findIndex((one) => isSame(submittedAs(question, one.value), now));
        const next = opinions[(place + 1) % Math.max(1, opinions.length)];
        if (next !== undefined) {
          adopt(entry as Entry, question.name, next.value);
        }
      }
    },
    reject() {
      const entry = current(store.get());
      for (const question of entry === null ? [] : questionsOf(project, entry)) {
        const empty = widgetFor(question.type)?.initial(question.settings, null) ?? null;
        store.dispatch({ type: "answered", question: question.name, value: empty });
      }
    },
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

/** The person answers first: what the model says comes after. */
export function isHeldBack(entry: Entry): boolean {
  return entry.display === "after_choice" && entry.first_answers === null;
}

/** Fill in what the model says, where the project has it so and nothing was begun. */
function prepared(project: Project, entry: Entry): Entry {
  const isFilled = entry.display === "prefilled" || entry.display === "judge";
  if (!isFilled || entry.draft !== null || entry.suggestions === null) {
    return entry;
  }
  const answers: Answers = {};
  for (const question of questionsOf(project, entry)) {
    const said = entry.suggestions[question.name];
    const value = said && widgetFor(question.type)?.initial(question.settings, said.value);
    if (value !== undefined && value !== null) {
      answers[question.name] = value;
    }
  }
  return { ...entry, draft: { answers, seconds: 0 } };
}

/** Where the model's label is judged: whether the answer is another one. */
export function isRejected(project: Project, entry: Entry, state: Labelling): boolean {
  const answers = state.drafts[entry.lease] ?? {};
  return (
    entry.display === "judge" &&
    shownQuestions(project, entry, answers).some((question) => {
      const said = entry.suggestions?.[question.name];
      return (
        said && !isSame(submittedAs(question, said.value), submitted(question, answerTo(question, answers)))
      );
    })
  );
}

export function reasonOf(entry: Entry, state: Labelling): string {
  return (state.reasons[entry.lease] ?? "").trim();
}

/** What would be sent, had the person answered as the model does. */
function submittedAs(question: Question, said: unknown): unknown {
  return submitted(question, widgetFor(question.type)?.initial(question.settings, said) ?? null);
}

function submitted(question: Question, value: unknown): unknown {
  const widget = widgetFor(question.type);
  return widget?.submitted ? widget.submitted(value, question.settings) : value;
}

/** Lists of plain words are the same in any order. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));
}

function inOrder(value: unknown): unknown {
  const isWords = Array.isArray(value) && value.every((one) => typeof one === "string");
  return isWords ? value.toSorted() : value;
}

/** A skip that was sent stays a skip: the item comes to somebody else. */
export function canUndo(done: Done): boolean {
  return done.kind === "submit" && ["on its way", "saved", "surplus"].includes(done.status);
}

/** Say whether the item on the desk was answered before and taken back. */
export function canRedo(state: Labelling): boolean {
  const entry = current(state);
  return entry !== null && entry.lease in state.takenBack;
}

export function answerTo(question: Question, answers: Answers): unknown {
  const given = answers[question.name];
  return given === undefined ? (widgetFor(question.type)?.initial(question.settings, null) ?? null) : given;
}

/** The suggestion to be shown for a question, if any. */
export function suggestionOf(entry: Entry, question: Question, isShown: boolean): Suggestion | null {
  return isShown ? (entry.suggestions?.[question.name] ?? null) : null;
}

/** Say whether nothing is answered yet. */
export function isOpen(question: Question, answers: Answers): boolean {
  return isUntouched(
    answerTo(question, answers),
    widgetFor(question.type)?.initial(question.settings, null) ?? null,
  );
}

/** Why the item cannot be submitted, per question; empty when it can. One that may be left open has no reason until it
 * is begun. */
export function missing(project: Project, entry: Entry, state: Labelling): Map<Question, Reason[]> {
  const answers = state.drafts[entry.lease] ?? {};
  const found = new Map<Question, Reason[]>();
  for (const question of shownQuestions(project, entry, answers)) {
    if (!question.required && isOpen(question, answers)) {
      continue;
    }
    const widget = widgetFor(question.type);
    const reasons = widget
      ? widget.problems(answerTo(question, answers), question.settings)
      : [
          {
            text: t("This page does not know the question type {{type}}: reload it after the upgrade.", {
              type: question.type,
            }),
          },
        ];
    if (reasons.length > 0) {
      found.set(question, reasons);
    }
  }
  return found;
}
