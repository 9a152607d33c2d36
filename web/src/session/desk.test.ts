import { expect, test } from "vitest";
import type { Api } from "../api/client";
import { Refused, Unreachable } from "../api/problem";
import type { Draft, Entry, Submission } from "../api/types";
import { current } from "../domain/labelling";
import { createStopwatch } from "../domain/stopwatch";
import { ASPECTS, entry, eventually, memoryStorage, project, SENTIMENT, suggestion } from "../testing";
import { createDesk } from "./desk";
import { storageShelf } from "./shelf";

const QUESTIONS = [SENTIMENT, ASPECTS];

function refuse(): never {
  throw new Refused(404, { title: "Not here", detail: "the test's server does not know this" });
}

/** A desk over a small server that lives in this file. */
function deskWith(
  ids: string[],
  {
    suggested = {} as Entry["suggestions"],
    display = "shown" as Entry["display"],
    isAway = (): boolean => false,
    isAnother = false,
  } = {},
) {
  const isHidden = display === "after_choice";
  const queue = ids.map((id) => ({
    ...entry(id, QUESTIONS),
    suggestions: isHidden ? null : suggested,
    display,
  }));
  const held: Entry[] = [];
  const drop = (lease: string) => {
    held.splice(0, held.length, ...held.filter((one) => one.lease !== lease));
  };
  const received = new Map<string, Submission>();
  const released: string[] = [];
  const kept = new Map<string, Draft>();
  const first: Entry["first_answers"][] = [];
  let clock = 0;
  // What a desk asks for, and nothing else of the server's verbs.
  const verbs: Partial<Api> = {
    session: async () => {
      const annotator = {
        id: isAnother ? "ben" : "ada",
        name: "",
        kind: "person",
        role: "annotator",
      } as const;
      return { project: "reviews", project_title: null, annotator };
    },
    mine: async () => [],
    cockpit: refuse,
    cockpitSample: refuse,
    applyCertificates: refuse,
    dashboard: refuse,
    recalls: refuse,
    previewRecall: refuse,
    recallAll: refuse,
    undoRecall: refuse,
    // As the server does: what is held comes first and counts.
    lease: async (_project, count) => {
      held.push(...queue.splice(0, Math.max(0, count - held.length)));
      return held.slice(0, count);
    },
    renew: async (_project, lease) => ({ lease, expires_at: "" }),
    release: async (_project, lease) => void released.push(lease),
    reveal: async (_project, { lease, answers }) => {
      if (isAway()) {
        throw new Unreachable(new TypeError("Failed to fetch"));
      }
      first.push(answers);
      const found = held.find((one) => one.lease === lease) ?? refuse();
      return { ...found, suggestions: suggested, first_answers: answers, reason: "unsure" };
    },
    keepDraft: async (_project, lease, draft) => void kept.set(lease, draft),
    skip: async (_project, { lease }) => drop(lease),
    submit: async (_project, submission, key) => {
      if (isAnother) {
        refuse();
      }
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
    api: verbs as Api,
    project: project(...QUESTIONS),
    annotator: "ada",
    shelf: storageShelf(memoryStorage(), "box/"),
    stopwatch: createStopwatch(() => clock),
    newKey: () => `k${++clock}`,
    clock: () => ++clock,
    random: () => 1,
    onSignedOut: () => {},
    onProgress: () => {},
  });
  return { desk, received, released, kept, first };
}

const at = (desk: ReturnType<typeof deskWith>["desk"]) => current(desk.store.get())?.item.id;

async function open(desk: ReturnType<typeof deskWith>["desk"]): Promise<void> {
  desk.refill();
  await eventually(() => expect(at(desk)).toBeDefined());
}

function answer(desk: ReturnType<typeof deskWith>["desk"]): void {
  desk.act("sentiment", { choose: "positive" });
  desk.act("aspects", { none: true });
}

test("six items are at hand: one on the desk, five behind it", async () => {
  const { desk } = deskWith(["a", "b", "c", "d", "e", "f", "g", "h"]);
  await open(desk);
  expect(desk.store.get().held).toHaveLength(6);
  answer(desk);
  desk.submit();
  const ids = () => desk.store.get().held.map((one) => one.item.id);
  await eventually(() => expect(ids().slice(0, 6)).toEqual(["b", "c", "d", "e", "f", "g"]));
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
  await eventually(() => expect(received.size).toBe(1));
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
  await eventually(() => expect(desk.store.get().done[0]?.status).toBe("saved"));
});

test("undoing brings the last item back with its answers, and it can be submitted again", async () => {
  const { desk, received } = deskWith(["a", "b"]);
  await open(desk);
  answer(desk);
  desk.submit();
  await eventually(() => expect(desk.store.get().done[0]?.status).toBe("saved"));
  desk.undo();
  await eventually(() => expect(at(desk)).toBe("a"));
  expect(received.size).toBe(0);
  desk.act("sentiment", { choose: "negative" });
  desk.submit();
  await eventually(() => expect(received.size).toBe(1));
  expect([...received.values()][0]?.answers).toEqual({ sentiment: "negative", aspects: [] });
});

test("undoing twice takes back two, the later one first", async () => {
  const { desk, received } = deskWith(["a", "b", "c"]);
  await open(desk);
  answer(desk);
  desk.submit();
  answer(desk);
  desk.submit();
  await eventually(() => expect(received.size).toBe(2));
  desk.undo();
  await eventually(() => expect(at(desk)).toBe("b"));
  desk.undo();
  await eventually(() => expect(at(desk)).toBe("a"));
  expect(desk.store.get().held.map((one) => one.item.id)).toEqual(["a", "b", "c"]);
});

test("offline, what was never sent comes back at once", async () => {
  const { desk, received } = deskWith(["a", "b", "c"], { isAway: () => true });
  await open(desk);
  answer(desk);
  desk.submit();
  answer(desk);
  desk.submit();
  await eventually(() => expect(desk.outbox.state().trouble).toBe("unreachable"));
  desk.undo();
  expect(at(desk)).toBe("b");
  expect(desk.outbox.state().waiting).toBe(1);
  expect(received.size).toBe(0);
  desk.close();
});

test("what was taken back is submitted again as it was, also after it was changed", async () => {
  const { desk, received } = deskWith(["a", "b"]);
  await open(desk);
  answer(desk);
  desk.submit();
  await eventually(() => expect(desk.store.get().done[0]?.status).toBe("saved"));
  desk.undo();
  await eventually(() => expect(at(desk)).toBe("a"));
  desk.act("sentiment", { choose: "negative" });
  desk.redo();
  expect(at(desk)).toBe("b");
  await eventually(() => expect(received.size).toBe(1));
  expect([...received.values()][0]?.answers).toEqual({ sentiment: "positive", aspects: [] });
});

test("two that were taken back in one go are submitted again in their order, and then there is nothing left", async () => {
  const { desk, received } = deskWith(["a", "b", "c"]);
  await open(desk);
  answer(desk);
  desk.submit();
  desk.act("sentiment", { choose: "negative" });
  desk.act("aspects", { toggle: "screen" });
  desk.submit();
  await eventually(() => expect(received.size).toBe(2));
  desk.undo();
  desk.undo();
  await eventually(() => expect(at(desk)).toBe("a"));
  expect(received.size).toBe(0);
  desk.redo();
  desk.redo();
  expect(at(desk)).toBe("c");
  await eventually(() => expect(received.size).toBe(2));
  expect([...received.values()].map((one) => one.answers)).toEqual([
    { sentiment: "positive", aspects: [] },
    { sentiment: "negative", aspects: ["screen"] },
  ]);
  desk.redo();
  expect(at(desk)).toBe("c");
  expect(desk.store.get().notice?.text).toContain("nothing to submit again");
});

test("R7: what somebody else's session does not know is kept for the person who answered it", async () => {
  const { desk, received } = deskWith(["a"], { isAnother: true });
  await open(desk);
  answer(desk);
  desk.submit();
  await eventually(() => expect(desk.outbox.state().trouble).toBe("signed out"));
  expect(desk.outbox.state().waiting).toBe(1);
  expect(received.size).toBe(0);
});

test("there is nothing to undo at the start, and the page says so", async () => {
  const { desk } = deskWith(["a"]);
  await open(desk);
  desk.undo();
  expect(desk.store.get().notice?.text).toContain("nothing to take back");
});

test("suggestions are taken over only where nothing is chosen, and only while they are shown", async () => {
  const suggested = { sentiment: suggestion("negative"), aspects: suggestion(["screen"]) };
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

const SAID = { sentiment: suggestion("negative"), aspects: suggestion(["screen"]) };

test("what the model says comes after the first answer, and both are known to the server", async () => {
  const { desk, first, received } = deskWith(["a", "b"], { suggested: SAID, display: "after_choice" });
  await open(desk);
  desk.submit();
  expect(desk.store.get().attempted).toBe("lease-a");
  answer(desk);
  desk.submit();
  desk.submit();
  await eventually(() => expect(current(desk.store.get())?.first_answers).not.toBeNull());
  expect(first).toEqual([{ sentiment: "positive", aspects: [] }]);
  expect(current(desk.store.get())?.suggestions).toEqual(SAID);
  expect(received.size).toBe(0);
  desk.act("sentiment", { choose: "negative" });
  desk.submit();
  await eventually(() => expect(received.size).toBe(1));
  expect([...received.values()][0]?.answers).toEqual({ sentiment: "negative", aspects: [] });
});

test("without a connection nothing is revealed, and the first answer can be submitted as it is", async () => {
  const { desk } = deskWith(["a", "b"], { suggested: SAID, display: "after_choice", isAway: () => true });
  await open(desk);
  answer(desk);
  desk.submit();
  await eventually(() => expect(desk.store.get().notice?.text).toContain("submit once more"));
  expect(current(desk.store.get())?.suggestions).toBeNull();
  desk.submit();
  expect(at(desk)).toBe("b");
  expect(desk.outbox.waiting()).toHaveLength(1);
});

test("where the project has it so, the model's answers are filled in, and no draft of them is sent", async () => {
  const { desk, kept, received } = deskWith(["a", "b"], { suggested: SAID, display: "prefilled" });
  await open(desk);
  desk.submit();
  await eventually(() => expect(received.size).toBe(1));
  expect([...received.values()][0]?.answers).toEqual({ sentiment: "negative", aspects: ["screen"] });
  expect(kept.size).toBe(0);
});

test("whoever judges the model's label wrong says why before it goes out", async () => {
  const { desk, received } = deskWith(["a", "b"], { suggested: SAID, display: "judge" });
  await open(desk);
  desk.reject();
  answer(desk);
  desk.submit();
  expect(desk.store.get().attempted).toBe("lease-a");
  desk.explain("irony");
  desk.submit();
  await eventually(() => expect(received.size).toBe(1));
  expect([...received.values()][0]).toMatchObject({ reason: "irony", answers: { sentiment: "positive" } });
  desk.submit();
  await eventually(() => expect(received.size).toBe(2));
  expect([...received.values()][1]).not.toHaveProperty("reason");
});

test("the answers of several models are taken over one after the other", async () => {
  const said = (model: string, value: string) => ({
    ...{ model, value, probability: null, reasoning: null, prompt: "" },
  });
  const opinions = [said("m", "negative"), said("n", "neutral")];
  const { desk } = deskWith(["a"], {
    suggested: { sentiment: { ...suggestion("negative"), opinions } },
  });
  await open(desk);
  const now = () => desk.store.get().drafts["lease-a"]?.sentiment;
  desk.adoptNext();
  expect(now()).toBe("negative");
  desk.adoptNext();
  expect(now()).toBe("neutral");
  desk.adoptNext();
  expect(now()).toBe("negative");
});

test("a skip goes out with its reason and makes room", async () => {
  const { desk } = deskWith(["a", "b"]);
  await open(desk);
  desk.skip("unclear");
  expect(at(desk)).toBe("b");
  await eventually(() => expect(desk.store.get().done[0]?.status).toBe("skipped"));
});

test("R6: leaving gives back what was held", async () => {
  const { desk, released } = deskWith(["a", "b", "c", "d"]);
  await open(desk);
  desk.close();
  expect(released).toEqual(["lease-a", "lease-b", "lease-c", "lease-d"]);
});
