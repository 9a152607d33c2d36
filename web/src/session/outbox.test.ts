import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refused, Unreachable } from "../api/problem";
import type { Outgoing } from "../domain/outgoing";
import { memoryStorage } from "../testing";
import { createOutbox, type Outcome } from "./outbox";
import { storageShelf } from "./shelf";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function submit(key: string, place: number): Outgoing {
  return { kind: "submit", key, place, lease: `lease-${key}`, answers: {}, seconds: 1, preview: key };
}

/** An outbox whose server follows a script: an error is thrown, anything else is the answer. */
function outboxWith(script: unknown[], storage = memoryStorage()) {
  const sent: Outgoing[] = [];
  const outcomes: Outcome[] = [];
  const outbox = createOutbox({
    shelf: storageShelf(storage, "box/"),
    random: () => 1,
    onOutcome: (outcome) => outcomes.push(outcome),
    send: async (outgoing) => {
      sent.push(outgoing);
      const next = script.shift() ?? { submission: `s-${outgoing.key}` };
      if (next instanceof Error) {
        throw next;
      }
      return next;
    },
  });
  return { outbox, sent, outcomes, storage };
}

const away = () => new Unreachable(new TypeError("Failed to fetch"));
const keysOf = (sent: readonly Outgoing[]) => sent.map((one) => one.key);

test("R3: what did not get through is sent again under the same key", async () => {
  const { outbox, sent, outcomes } = outboxWith([away(), away()]);
  outbox.add(submit("a", 1));
  await vi.advanceTimersByTimeAsync(0);
  expect(outbox.state()).toEqual({ waiting: 1, attempts: 1, trouble: "unreachable" });
  await vi.advanceTimersByTimeAsync(500);
  await vi.advanceTimersByTimeAsync(1000);
  expect(keysOf(sent)).toEqual(["a", "a", "a"]);
  expect(outcomes).toHaveLength(1);
  expect(outbox.state()).toEqual({ waiting: 0, attempts: 0, trouble: "none" });
});

test("R7: the order is kept through an outage", async () => {
  const { outbox, sent } = outboxWith([away()]);
  for (const [place, key] of ["a", "b", "c"].entries()) {
    outbox.add(submit(key, place));
  }
  await vi.advanceTimersByTimeAsync(0);
  expect(keysOf(sent)).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(500);
  expect(keysOf(sent)).toEqual(["a", "a", "b", "c"]);
});

test("waking tries at once: the network is back", async () => {
  const { outbox, sent } = outboxWith([away()]);
  outbox.add(submit("a", 1));
  await vi.advanceTimersByTimeAsync(0);
  outbox.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toHaveLength(2);
  expect(outbox.state().waiting).toBe(0);
});

test("R7: what waits survives a reload, in order and under its key", async () => {
  const storage = memoryStorage();
  const before = outboxWith([away()], storage);
  before.outbox.add(submit("b", 2));
  before.outbox.add(submit("a", 1));
  await vi.advanceTimersByTimeAsync(0);
  before.outbox.close();

  const after = outboxWith([], storage);
  expect(keysOf(after.outbox.waiting())).toEqual(["a", "b"]);
  after.outbox.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(keysOf(after.sent)).toEqual(["a", "b"]);
  expect(storage.length).toBe(0);
});

test("a refusal is final, is told, and does not hold up the next", async () => {
  const no = new Refused(422, { title: "Invalid", detail: "no" });
  const { outbox, sent, outcomes, storage } = outboxWith([no]);
  outbox.add(submit("a", 1));
  outbox.add(submit("b", 2));
  await vi.advanceTimersByTimeAsync(0);
  expect(keysOf(sent)).toEqual(["a", "b"]);
  expect(outcomes[0]?.error).toBe(no);
  expect(storage.length).toBe(0);
});

test("R7: a session that ended keeps everything until somebody signs in again", async () => {
  const { outbox, sent, storage } = outboxWith([new Refused(401, { title: "Unauthorized", detail: "" })]);
  outbox.add(submit("a", 1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(outbox.state()).toMatchObject({ waiting: 1, trouble: "signed out" });
  expect(storage.length).toBe(1);
  expect(sent).toHaveLength(1);
  outbox.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(outbox.state().waiting).toBe(0);
});

test("what was never sent can be cancelled; what may have left cannot", async () => {
  const { outbox, sent } = outboxWith([away()]);
  outbox.add(submit("a", 1));
  outbox.add(submit("b", 2));
  await vi.advanceTimersByTimeAsync(0);
  expect(outbox.cancel("a")).toBe(false);
  expect(outbox.cancel("b")).toBe(true);
  await vi.advanceTimersByTimeAsync(500);
  expect(keysOf(sent)).toEqual(["a", "a"]);
});

test("a retraction waits for the number of what it takes back", async () => {
  const { outbox, sent } = outboxWith([away()]);
  outbox.add(submit("a", 1));
  outbox.add({ kind: "retract", key: "r", place: 2, of: "a", submission: null });
  await vi.advanceTimersByTimeAsync(500);
  expect(sent.at(-1)).toMatchObject({ kind: "retract", submission: "s-a" });
});

test("a retraction of what was refused is dropped", async () => {
  const { outbox, sent, storage } = outboxWith([new Refused(422, { title: "no", detail: "" })]);
  outbox.add(submit("a", 1));
  outbox.add({ kind: "retract", key: "r", place: 2, of: "a", submission: null });
  await vi.advanceTimersByTimeAsync(0);
  expect(keysOf(sent)).toEqual(["a"]);
  expect(storage.length).toBe(0);
});

test("another tab's writes and damaged ones are not in the way", () => {
  const storage = memoryStorage();
  storage.setItem("other/x", JSON.stringify(submit("x", 1)));
  storage.setItem("box/broken", "{");
  const { outbox } = outboxWith([], storage);
  expect(outbox.waiting()).toEqual([]);
});
