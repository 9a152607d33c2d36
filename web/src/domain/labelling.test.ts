import { expect, test } from "vitest";
import type { Receipt } from "../api/types";
import { entry } from "../testing";
import { current, type Done, EMPTY_DESK, type Happening, type Labelling, reduceLabelling } from "./labelling";

function after(...events: Happening[]): Labelling {
  return events.reduce(reduceLabelling, EMPTY_DESK);
}

function done(id: string, change: Partial<Done> = {}): Done {
  const [key, preview] = [`key-${id}`, id];
  const answers = { sentiment: "positive" };
  return {
    key,
    kind: "submit",
    status: "on its way",
    submission: null,
    preview,
    answers,
    seconds: 3,
    entry: entry(id),
    ...change,
  };
}

const receipt: Receipt = {
  submission: "s1",
  status: "accepted",
  message: null,
  progress: { done_by_you: 1, remaining: 1 },
};
const two: Happening = { type: "arrived", entries: [entry("a"), entry("b")] };

test("what arrives lies behind what is there, and nothing twice", () => {
  const state = after(two, { type: "arrived", entries: [entry("b"), entry("c")] });
  expect(state.held.map((one) => one.item.id)).toEqual(["a", "b", "c"]);
  expect(state.supply).toBe("flowing");
});

test("an item that comes again under another claim keeps its place, its answers, and is no longer lost", () => {
  const state = after(
    two,
    { type: "answered", question: "sentiment", value: "neutral" },
    { type: "lost", lease: "lease-a" },
    { type: "arrived", entries: [{ ...entry("a"), lease: "lease-a2" }] },
  );
  expect(state.held.map((one) => one.lease)).toEqual(["lease-a2", "lease-b"]);
  expect(state.drafts).toEqual({ "lease-a2": { sentiment: "neutral" } });
  expect(state.lost).toEqual([]);
});

test("an empty delivery is told", () => {
  expect(after({ type: "arrived", entries: [] }).supply).toBe("empty");
});

test("an answer belongs to the item on the desk", () => {
  const state = after(two, { type: "answered", question: "sentiment", value: "negative" });
  expect(state.drafts).toEqual({ "lease-a": { sentiment: "negative" } });
});

test("an answer with an empty desk is dropped", () => {
  const state = after({ type: "answered", question: "sentiment", value: "negative" });
  expect(state).toBe(EMPTY_DESK);
});

test("a finished item makes room for the next and heads the list of what was just done", () => {
  const state = after(two, { type: "attempted" }, { type: "finished", done: done("a") });
  expect(current(state)?.item.id).toBe("b");
  expect(state.attempted).toBeNull();
  expect(state.drafts).toEqual({});
  expect(state.done[0]).toMatchObject({ key: "key-a", status: "on its way" });
});

test("an acknowledgement marks its own line and keeps the submission's number", () => {
  const state = after(
    two,
    { type: "finished", done: done("a") },
    { type: "acknowledged", key: "key-a", receipt },
  );
  expect(state.done[0]).toMatchObject({ status: "saved", submission: "s1" });
  expect(state.notice).toBeNull();
});

test("R5: a surplus answer is kept and the person is told so", () => {
  const surplus: Receipt = { ...receipt, status: "surplus", message: "Somebody was faster." };
  const state = after(
    two,
    { type: "finished", done: done("a") },
    { type: "acknowledged", key: "key-a", receipt: surplus },
  );
  expect(state.done[0]?.status).toBe("surplus");
  expect(state.notice?.text).toBe("Somebody was faster.");
});

test("what is taken back lies on the desk again with its answers and its seconds", () => {
  const again = { ...entry("a"), lease: "lease-a2" };
  const state = after(
    two,
    { type: "finished", done: done("a") },
    { type: "taken back", key: "key-a", entry: again, answers: { sentiment: "positive" } },
  );
  expect(state.held.map((one) => one.item.id)).toEqual(["a", "b"]);
  expect(state.drafts["lease-a2"]).toEqual({ sentiment: "positive" });
  expect(state.earlierSeconds["lease-a2"]).toBe(3);
  expect(state.done[0]?.status).toBe("taken back");
});

test("half an answer on the desk survives taking back another", () => {
  const state = after(
    two,
    { type: "finished", done: done("a") },
    { type: "answered", question: "sentiment", value: "neutral" },
    { type: "taken back", key: "key-a", entry: entry("a"), answers: {} },
    { type: "finished", done: done("a") },
  );
  expect(current(state)?.item.id).toBe("b");
  expect(state.drafts["lease-b"]).toEqual({ sentiment: "neutral" });
});

test("taken back without a place in the queue is said, and the desk stays as it is", () => {
  const state = after(
    two,
    { type: "finished", done: done("a") },
    { type: "taken back", key: "key-a", entry: null, answers: {} },
  );
  expect(current(state)?.item.id).toBe("b");
  expect(state.notice?.text).toContain("Taken back");
});

test("a lost lease sweeps a waiting item away, but never the one being worked on", () => {
  const state = after(two, { type: "lost", lease: "lease-a" }, { type: "lost", lease: "lease-b" });
  expect(state.held.map((one) => one.item.id)).toEqual(["a"]);
  expect(state.lost).toEqual(["lease-a"]);
});

test("a renewed lease with a new name keeps the answers under it", () => {
  const state = after(
    two,
    { type: "answered", question: "sentiment", value: "neutral" },
    { type: "renewed", lease: "lease-a", renewed: "lease-a+", expires_at: "later" },
  );
  expect(current(state)).toMatchObject({ lease: "lease-a+", expires_at: "later" });
  expect(state.drafts).toEqual({ "lease-a+": { sentiment: "neutral" } });
});

test("a refused write says why", () => {
  const state = after(
    two,
    { type: "finished", done: done("a") },
    { type: "refused", key: "key-a", text: "No." },
  );
  expect(state.done[0]?.status).toBe("refused");
  expect(state.notice).toEqual({ kind: "warned", text: "No." });
});
