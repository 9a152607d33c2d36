import { expect, test, vi } from "vitest";
import type { Api } from "../api/client";
import { Refused, Unreachable } from "../api/problem";
import type { Entry, Submission } from "../api/types";
import { current } from "../domain/labelling";
import { createStopwatch } from "../domain/stopwatch";
import { ASPECTS, entry, memoryStorage, project, SENTIMENT } from "../testing";
import { createDesk } from "./desk";

const QUESTIONS = [SENTIMENT, ASPECTS];

function refuse(): never {
  throw new Refused(404, { title: "Not here", detail: "the test's server does not know this" });
}

/** A desk over a small server that lives in this file. */
function deskWith(
  ids: string[],
  { suggested = {} as Entry["suggestions"], isAway = (): boolean => false } = {},
) {
  const queue = ids.map((id) => ({ ...entry(id, QUESTIONS), suggestions: suggested }));
  const held: Entry[] = [];
  const drop = (lease: string) => {
    held.splice(0, held.length, ...held.filter((one) => one.lease !== lease));
  };
  const received = new Map<string, Submission>();
  const released: string[] = [];
  let clock = 0;
  const api: Api = {
    redeem: refuse,
    session: refuse,
    signOut: refuse,
    project: refuse,
    mine: async () => [],
    progress: refuse,
    jobs: refuse,
    startJob: refuse,
    actOnJob: refuse,
    report: refuse,
    // As the server does: what is held comes first and counts.
    lease: async (_project, count) => {
      held.push(...queue.splice(0, Math.max(0, count - held.length)));
      return held.slice(0, count);
    },
    renew: async (_project, lease) => ({ lease, expires_at: "" }),
    release: async (_project, lease) => void released.push(lease),
    skip: async (_project, { lease }) => drop(lease),
    submit: async (_project, submission, key) => {
      if (isAway()) {
        throw new Unreachable(new TypeError("Failed to fetch"));
      }
      received.set(key, submission);
      drop(submission.lease);
      const progress = { done_by_you: received.size, remaining: queue.length };
      return { submission: `s-${key}`, status: "accepted", message: null, progress };
    },
    retract: async (_project, submission) => {
      const key = submission.slice("s-".length);
      const taken = received.get(key);
      received.delete(key);
      const id = taken?.lease.split("-")[1] ?? "";
      const again = { ...entry(id, QUESTIONS), lease: `lease-${id}-again` };
      held.unshift(again);
      return { entry: again, answers: taken?.answers ?? {} };
    },
  };
  const desk = createDesk({
    api,
    project: project(...QUESTIONS),
    annotator: "ada",
    storage: memoryStorage(),
    stopwatch: createStopwatch(() => clock),
    newKey: () => `k${++clock}`,
    clock: () => ++clock,
    random: () => 1,
    onSignedOut: () => {},
    onProgress: () => {},
  });
  return { desk, received, released };
}

const at = (desk: ReturnType<typeof deskWith>["desk"]) => current(desk.store.get())?.item.id;

async function open(desk: ReturnType<typeof deskWith>["desk"]): Promise<void> {
  desk.refill();
  await vi.waitFor(() => expect(at(desk)).toBeDefined());
}

function answer(desk: ReturnType<typeof deskWith>["desk"]): void {
  desk.act("sentiment", { choose: "positive" });
  desk.act("aspects", { none: true });
}

test("three items are at hand: one on the desk, two behind it", async () => {
  const { desk } = deskWith(["a", "b", "c", "d", "e"]);
  await open(desk);
  expect(desk.store.get().held).toHaveLength(3);
  answer(desk);
  desk.submit();
  const ids = () => desk.store.get().held.map((one) => one.item.id);
  await vi.waitFor(() => expect(ids().slice(0, 3)).toEqual(["b", "c", "d"]));
  expect(new Set(ids()).size).toBe(ids().length);
});

test("a submission needs every answer, and says so", async () => {
  const { desk, received } = deskWith(["a"]);
  await open(desk);
  desk.act("sentiment", { choose: "positive" });
  desk.submit();
  expect(desk.store.get().attempted).toBe("lease-a");
  expect(received.size).toBe(0);
  desk.act("aspects", { toggle: "screen" });
  desk.submit();
  await vi.waitFor(() => expect(received.size).toBe(1));
  expect([...received.values()][0]).toMatchObject({
    lease: "lease-a",
    answers: { sentiment: "positive", aspects: ["screen"] },
  });
});

test("the next item is there before the server has answered", async () => {
  const { desk } = deskWith(["a", "b"]);
  await open(desk);
  answer(desk);
  desk.submit();
  expect(at(desk)).toBe("b");
  expect(desk.store.get().done[0]?.status).toBe("on its way");
  await vi.waitFor(() => expect(desk.store.get().done[0]?.status).toBe("saved"));
});

test("undoing brings the last item back with its answers, and it can be submitted again", async () => {
  const { desk, received } = deskWith(["a", "b"]);
  await open(desk);
  answer(desk);
  desk.submit();
  await vi.waitFor(() => expect(desk.store.get().done[0]?.status).toBe("saved"));
  desk.undo();
  await vi.waitFor(() => expect(at(desk)).toBe("a"));
  expect(received.size).toBe(0);
  desk.act("sentiment", { choose: "negative" });
  desk.submit();
  await vi.waitFor(() => expect(received.size).toBe(1));
  expect([...received.values()][0]?.answers).toEqual({ sentiment: "negative", aspects: [] });
});

test("undoing twice takes back two, the later one first", async () => {
  const { desk, received } = deskWith(["a", "b", "c"]);
  await open(desk);
  answer(desk);
  desk.submit();
  answer(desk);
  desk.submit();
  await vi.waitFor(() => expect(received.size).toBe(2));
  desk.undo();
  await vi.waitFor(() => expect(at(desk)).toBe("b"));
  desk.undo();
  await vi.waitFor(() => expect(at(desk)).toBe("a"));
  expect(desk.store.get().held.map((one) => one.item.id)).toEqual(["a", "b", "c"]);
});

test("offline, what was never sent comes back at once", async () => {
  const { desk, received } = deskWith(["a", "b", "c"], { isAway: () => true });
  await open(desk);
  answer(desk);
  desk.submit();
  answer(desk);
  desk.submit();
  await vi.waitFor(() => expect(desk.outbox.state().trouble).toBe("unreachable"));
  desk.undo();
  expect(at(desk)).toBe("b");
  expect(desk.outbox.state().waiting).toBe(1);
  expect(received.size).toBe(0);
  desk.close();
});

test("there is nothing to undo at the start, and the page says so", async () => {
  const { desk } = deskWith(["a"]);
  await open(desk);
  desk.undo();
  expect(desk.store.get().notice?.text).toContain("nothing to take back");
});

test("suggestions are taken over only where nothing is chosen, and only while they are shown", async () => {
  const model = { probability: 0.7, model: "m", reasoning: null, confidence_note: null };
  const suggested = { sentiment: { value: "negative", ...model }, aspects: { value: ["screen"], ...model } };
  const { desk } = deskWith(["a"], { suggested });
  await open(desk);
  expect(desk.store.get().drafts).toEqual({});
  desk.store.dispatch({ type: "suggestions toggled" });
  desk.acceptSuggestions();
  expect(desk.store.get().drafts).toEqual({});
  desk.store.dispatch({ type: "suggestions toggled" });
  desk.act("sentiment", { choose: "positive" });
  desk.acceptSuggestions();
  expect(desk.store.get().drafts["lease-a"]).toEqual({ sentiment: "positive", aspects: ["screen"] });
});

test("a skip goes out with its reason and makes room", async () => {
  const { desk } = deskWith(["a", "b"]);
  await open(desk);
  desk.skip("unclear");
  expect(at(desk)).toBe("b");
  await vi.waitFor(() => expect(desk.store.get().done[0]?.status).toBe("skipped"));
});

test("R6: leaving gives back what was held", async () => {
  const { desk, released } = deskWith(["a", "b", "c", "d"]);
  await open(desk);
  desk.close();
  expect(released).toEqual(["lease-a", "lease-b", "lease-c"]);
});
