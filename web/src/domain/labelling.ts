/** The desk: what lies on it, what was answered, what was just done. A pure reducer over what happens. */

import type { Answers, Entry, Receipt } from "../api/types";
import { t } from "../words/words";

export type DoneStatus = "on its way" | "saved" | "surplus" | "skipped" | "taken back" | "refused";

export interface Done {
  /** The idempotency key of the write. */
  key: string;
  kind: "submit" | "skip";
  status: DoneStatus;
  /** Known once the server has acknowledged it. */
  submission: string | null;
  preview: string;
  answers: Answers;
  seconds: number;
  /** Still in hand, for undoing what was never sent; null after a reload. */
  entry: Entry | null;
}

export interface Notice {
  kind: "told" | "warned";
  text: string;
}

export interface Labelling {
  /** The first one is on the desk; the others lie ready. */
  held: readonly Entry[];
  /** Answers by lease. */
  drafts: Readonly<Record<string, Answers>>;
  /** The drafts that the server has, by lease: the very same objects. */
  keptDrafts: Readonly<Record<string, Answers>>;
  /** Seconds spent before an item was taken back, by lease. */
  earlierSeconds: Readonly<Record<string, number>>;
  /** What was answered before an item was taken back, by lease: it can be answered so again. */
  takenBack: Readonly<Record<string, Answers>>;
  /** Leases the server no longer knows: a submission is kept as surplus. */
  lost: readonly string[];
  /** The lease whose submission was tried: what is missing is now shown. */
  attempted: string | null;
  supply: "asking" | "flowing" | "empty" | "failed";
  done: readonly Done[];
  /** Leases whose suggestion is being revealed, or could not be: their answer may be submitted as it is. */
  revealing: Readonly<Record<string, "asked" | "failed">>;
  /** Why the model's label is wrong, by lease, where it is judged. */
  reasons: Readonly<Record<string, string>>;
  showsSuggestions: boolean;
  showsReasoning: boolean;
  notice: Notice | null;
}

export type Happening =
  | { type: "arrived"; entries: readonly Entry[] }
  | { type: "supply failed" }
  | { type: "answered"; question: string; value: unknown }
  | { type: "draft kept"; lease: string; answers: Answers }
  | { type: "attempted" }
  | { type: "redone"; lease: string }
  | { type: "finished"; done: Done }
  | { type: "restored"; done: readonly Done[] }
  | { type: "acknowledged"; key: string; receipt: Receipt | null }
  | { type: "refused"; key: string; text: string }
  | { type: "taken back"; key: string; entry: Entry | null; answers: Answers }
  | { type: "renewed"; lease: string; renewed: string; expires_at: string }
  | { type: "lost"; lease: string }
  | { type: "reveal asked"; lease: string }
  | { type: "revealed"; entry: Entry; text: string }
  | { type: "reveal failed"; lease: string; text: string }
  | { type: "reasoned"; lease: string; reason: string }
  | { type: "suggestions toggled" }
  | { type: "reasoning toggled" }
  | { type: "noticed"; notice: Notice | null };

const LONGEST_LIST = 20;

export const EMPTY_DESK: Labelling = {
  held: [],
  drafts: {},
  keptDrafts: {},
  earlierSeconds: {},
  takenBack: {},
  lost: [],
  attempted: null,
  supply: "asking",
  done: [],
  revealing: {},
  reasons: {},
  showsSuggestions: true,
  showsReasoning: false,
  notice: null,
};

export function current(state: Labelling): Entry | null {
  return state.held[0] ?? null;
}

export function reduceLabelling(state: Labelling, event: Happening): Labelling {
  switch (event.type) {
    case "arrived":
      return arrived(state, event.entries);
    case "supply failed":
      return { ...state, supply: "failed" };
    case "answered":
      return answered(state, event.question, event.value);
    case "draft kept":
      // Submitted meanwhile: the server has let go of it too.
      return event.lease in state.drafts
        ? { ...state, keptDrafts: { ...state.keptDrafts, [event.lease]: event.answers } }
        : state;
    case "redone":
      return redone(state, event.lease);
    case "attempted":
      return { ...state, attempted: current(state)?.lease ?? null };
    case "finished":
      return finished(state, event.done);
    case "restored":
      return { ...state, done: [...state.done, ...event.done].slice(0, LONGEST_LIST) };
    case "acknowledged":
      return acknowledged(state, event.key, event.receipt);
    case "refused":
      return {
        ...withDone(state, event.key, (done) => ({ ...done, status: "refused" })),
        notice: { kind: "warned", text: event.text },
      };
    case "taken back":
      return takenBack(state, event.key, event.entry, event.answers);
    case "renewed":
      return renewed(state, event);
    case "lost":
      return lost(state, event.lease);
    case "reveal asked":
      return { ...state, revealing: { ...state.revealing, [event.lease]: "asked" }, notice: null };
    case "revealed":
      return revealed(state, event.entry, event.text);
    case "reveal failed":
      return {
        ...state,
        revealing: { ...state.revealing, [event.lease]: "failed" },
        notice: { kind: "warned", text: event.text },
      };
    case "reasoned":
      return { ...state, reasons: { ...state.reasons, [event.lease]: event.reason } };
    case "suggestions toggled":
      return { ...state, showsSuggestions: !state.showsSuggestions };
    case "reasoning toggled":
      return { ...state, showsReasoning: !state.showsReasoning };
    case "noticed":
      return { ...state, notice: event.notice };
  }
}

function arrived(state: Labelling, entries: readonly Entry[]): Labelling {
  const isSame = (a: Entry, b: Entry) => a.item.id === b.item.id && a.round === b.round;
  const fresh = entries.filter((entry) => !state.held.some((one) => isSame(one, entry)));
  const again = entries.flatMap((entry) => {
    const held = state.held.find((one) => isSame(one, entry));
    return held ? [{ lease: held.lease, renewed: entry.lease, expires_at: entry.expires_at }] : [];
  });
  const known = again.reduce(renewed, state);
  return {
    ...fresh.reduce(withDraft, known),
    held: [...known.held, ...fresh],
    supply: fresh.length === 0 ? "empty" : "flowing",
  };
}

/** What this person had begun, here or on another device, goes on where it was. */
function withDraft(state: Labelling, { lease, draft }: Entry): Labelling {
  if (draft === null || lease in state.drafts) {
    return state;
  }
  return {
    ...state,
    drafts: { ...state.drafts, [lease]: draft.answers },
    keptDrafts: { ...state.keptDrafts, [lease]: draft.answers },
    earlierSeconds: { ...state.earlierSeconds, [lease]: draft.seconds },
  };
}

/** The entry stays under its own claim; what was begun on it stays too. */
function revealed(state: Labelling, entry: Entry, text: string): Labelling {
  const { suggestions, reason, first_answers } = entry;
  const isHere = current(state)?.lease === entry.lease;
  return {
    ...state,
    held: state.held.map((one) =>
      one.lease === entry.lease ? { ...one, suggestions, reason, first_answers } : one,
    ),
    revealing: without(state.revealing, entry.lease),
    showsSuggestions: true,
    notice: isHere ? { kind: "told", text } : state.notice,
  };
}

function redone(state: Labelling, lease: string): Labelling {
  const answers = state.takenBack[lease];
  return answers === undefined ? state : { ...state, drafts: { ...state.drafts, [lease]: answers } };
}

function answered(state: Labelling, question: string, value: unknown): Labelling {
  const lease = current(state)?.lease;
  if (lease === undefined) {
    return state;
  }
  return { ...state, drafts: { ...state.drafts, [lease]: { ...state.drafts[lease], [question]: value } } };
}

function finished(state: Labelling, done: Done): Labelling {
  const lease = current(state)?.lease ?? "";
  return {
    ...state,
    held: state.held.slice(1),
    drafts: without(state.drafts, lease),
    keptDrafts: without(state.keptDrafts, lease),
    earlierSeconds: without(state.earlierSeconds, lease),
    takenBack: without(state.takenBack, lease),
    revealing: without(state.revealing, lease),
    reasons: without(state.reasons, lease),
    lost: state.lost.filter((one) => one !== lease),
    attempted: null,
    showsReasoning: false,
    notice: null,
    done: [done, ...state.done].slice(0, LONGEST_LIST),
  };
}

function acknowledged(state: Labelling, key: string, receipt: Receipt | null): Labelling {
  const known = withDone(state, key, (done) => {
    if (receipt === null) {
      return { ...done, status: "skipped" };
    }
    const status = receipt.status === "surplus" ? "surplus" : "saved";
    return { ...done, status, submission: receipt.submission };
  });
  if (receipt?.status !== "surplus") {
    return known;
  }
  const text =
    receipt.message ?? t("Somebody else had answered this item by then: your answer is kept as surplus.");
  return { ...known, notice: { kind: "told", text } };
}

function takenBack(state: Labelling, key: string, entry: Entry | null, answers: Answers): Labelling {
  const before = state.done.find((done) => done.key === key);
  const next = withDone(state, key, (done) => ({ ...done, status: "taken back" }));
  if (entry === null) {
    return {
      ...next,
      notice: { kind: "told", text: t("Taken back. The item is no longer waiting for you.") },
    };
  }
  return {
    ...next,
    held: [entry, ...state.held.filter((one) => one.lease !== entry.lease)],
    drafts: { ...state.drafts, [entry.lease]: answers },
    earlierSeconds: { ...state.earlierSeconds, [entry.lease]: before?.seconds ?? 0 },
    takenBack: { ...state.takenBack, [entry.lease]: answers },
    attempted: null,
    showsReasoning: false,
    notice: { kind: "told", text: t("Taken back: change it and submit again.") },
  };
}

function renewed(state: Labelling, event: { lease: string; renewed: string; expires_at: string }): Labelling {
  const { lease, renewed: fresh, expires_at } = event;
  const held = state.held.map((entry) =>
    entry.lease === lease ? { ...entry, lease: fresh, expires_at } : entry,
  );
  const lost = state.lost.filter((one) => one !== lease);
  if (fresh === lease) {
    return { ...state, held, lost };
  }
  return {
    ...state,
    held,
    lost,
    drafts: moved(state.drafts, lease, fresh),
    keptDrafts: moved(state.keptDrafts, lease, fresh),
    earlierSeconds: moved(state.earlierSeconds, lease, fresh),
    takenBack: moved(state.takenBack, lease, fresh),
    attempted: state.attempted === lease ? fresh : state.attempted,
  };
}

function lost(state: Labelling, lease: string): Labelling {
  if (current(state)?.lease !== lease) {
    return { ...state, held: state.held.filter((entry) => entry.lease !== lease) };
  }
  // Work on the desk is never swept away: it can still be submitted, and the server keeps it.
  return state.lost.includes(lease) ? state : { ...state, lost: [...state.lost, lease] };
}

function withDone(state: Labelling, key: string, change: (done: Done) => Done): Labelling {
  return { ...state, done: state.done.map((done) => (done.key === key ? change(done) : done)) };
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

function moved<T>(record: Readonly<Record<string, T>>, from: string, to: string): Record<string, T> {
  const value = record[from];
  return value === undefined ? { ...record } : { ...without(record, from), [to]: value };
}
