import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../api/client";
import { Refused, Unreachable } from "../api/problem";
import type { Draft } from "../api/types";
import { EMPTY_DESK, type Happening, type Labelling, reduceLabelling } from "../domain/labelling";
import { createStore } from "../domain/store";
import { entry } from "../testing";
import { createDrafts } from "./drafts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A desk with items and a server that throws what the script says, and else keeps what it is sent. */
function draftsWith(script: (Error | null)[] = []) {
  const sent: [lease: string, draft: Draft][] = [];
  const verbs: Partial<Api> = {
    keepDraft: async (_project, lease, draft) => {
      sent.push([lease, draft]);
      const next = script.shift();
      if (next) {
        throw next;
      }
    },
  };
  const store = createStore<Labelling, Happening>(EMPTY_DESK, reduceLabelling);
  const drafts = createDrafts({ api: verbs as Api, project: "reviews", store, secondsOn: () => 4 });
  const answer = (value: unknown) => store.dispatch({ type: "answered", question: "sentiment", value });
  const arrive = (...entries: ReturnType<typeof entry>[]) => store.dispatch({ type: "arrived", entries });
  return { sent, store, drafts, answer, arrive };
}

test("what is begun is at the server within two seconds of the last change, in few requests", async () => {
  const { sent, store, answer, arrive } = draftsWith();
  arrive(entry("a"));
  for (const value of ["p", "po", "pos"]) {
    answer(value);
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toEqual([["lease-a", { answers: { sentiment: "pos" }, seconds: 4 }]]);
  expect(store.get().keptDrafts["lease-a"]).toBe(store.get().drafts["lease-a"]);
});

test("somebody who never stops typing is kept every second or so", async () => {
  const { sent, answer, arrive } = draftsWith();
  arrive(entry("a"));
  for (let step = 0; step < 50; step++) {
    answer(`${step}`);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(sent.length).toBeGreaterThanOrEqual(4);
  expect(sent.length).toBeLessThanOrEqual(6);
});

test("an item that is submitted within the second needs no draft", async () => {
  const { sent, store, answer, arrive } = draftsWith();
  arrive(entry("a"));
  answer("positive");
  const done = {
    key: "k",
    kind: "submit",
    status: "on its way",
    submission: null,
    preview: "",
    answers: {},
  } as const;
  store.dispatch({ type: "finished", done: { ...done, seconds: 1, entry: null } });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent).toEqual([]);
});

test("a draft that came with its entry is on the desk and is not sent back", async () => {
  const { sent, store, arrive } = draftsWith();
  arrive({ ...entry("a"), draft: { answers: { sentiment: "negative" }, seconds: 30 } });
  expect(store.get().drafts["lease-a"]).toEqual({ sentiment: "negative" });
  expect(store.get().earlierSeconds["lease-a"]).toBe(30);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent).toEqual([]);
});

test("without network it is tried again, the newest only; what the server refuses is not", async () => {
  const away = new Unreachable(new TypeError("Failed to fetch"));
  const late = new Refused(409, { title: "Lease lost", detail: "" });
  const { sent, answer, arrive } = draftsWith([away, null, late]);
  arrive(entry("a"));
  answer("positive");
  await vi.advanceTimersByTimeAsync(1_500);
  answer("negative");
  await vi.advanceTimersByTimeAsync(6_000);
  expect(sent.map(([, draft]) => draft.answers)).toEqual([
    { sentiment: "positive" },
    { sentiment: "negative" },
  ]);
  answer("mixed");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(sent).toHaveLength(3);
});

test("leaving sends what is not there yet, at once", () => {
  const { sent, drafts, answer, arrive } = draftsWith();
  arrive(entry("a"));
  answer("positive");
  drafts.leave();
  drafts.close();
  expect(sent).toHaveLength(1);
});
