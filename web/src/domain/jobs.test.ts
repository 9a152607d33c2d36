import { expect, test } from "vitest";
import type { Job } from "../api/types";
import {
  advice,
  amountDone,
  amountForeseen,
  budgetWords,
  costForeseen,
  dollars,
  isMoving,
  leftWords,
  percentDone,
  percentSpent,
  rate,
  readLimit,
  spell,
  stateWords,
  timeLeft,
  toneOf,
  underWay,
} from "./jobs";

function job(change: Partial<Job> = {}): Job {
  return {
    id: "a",
    kind: "prelabel",
    state: "running",
    is_stalled: false,
    actions: ["pause", "cancel"],
    total: 1200,
    done: 300,
    failed: 0,
    calls: 300,
    reused: 0,
    tokens_in: 0,
    tokens_out: 0,
    cost_micro: 0,
    per_second: null,
    seconds_left: null,
    seconds_silent: null,
    limit: null,
    asked_by: "mia",
    created_at: "2026-01-01T00:00:00Z",
    started_at: null,
    ended_at: null,
    problem: null,
    ...change,
  };
}

test("a stalled run is called so, whatever it was doing, and says what to do", () => {
  const stalled = job({ is_stalled: true, seconds_silent: 95 });
  expect(stateWords(stalled)).toBe("Stalled");
  expect(toneOf(stalled)).toBe("trouble");
  expect(advice(stalled)).toContain("for 2 min");
  expect(advice(stalled)).toContain("Resume goes on");
  expect(advice(job({ is_stalled: true, state: "cancelling" }))).toContain("Cancel once more");
  expect(advice(job({ state: "failed", problem: "the key is wrong" }))).toBe("the key is wrong");
  expect(advice(job())).toBeNull();
});

test("the page looks often only while something may change", () => {
  expect(isMoving([job({ state: "done" }), job({ state: "paused" })])).toBe(false);
  expect(isMoving([job({ state: "done" }), job({ state: "waiting" })])).toBe(true);
  expect(isMoving([job({ is_stalled: true })])).toBe(true);
});

test("only a run that is over lets another one start", () => {
  expect(underWay([job({ state: "done" }), job({ state: "failed" })])).toBeUndefined();
  expect(underWay([job({ state: "done" }), job({ id: "b", state: "paused" })])?.id).toBe("b");
});

test("how far a run is, also when nothing was due", () => {
  expect([amountDone(job()), percentDone(job())]).toEqual(["300 of 1,200", 25]);
  expect([amountDone(job({ total: 0, done: 0 })), percentDone(job({ total: 0, done: 0 }))]).toEqual(["–", 0]);
  const idle = job({ total: 0, done: 0, state: "done" });
  expect([amountDone(idle), percentDone(idle)]).toEqual(["nothing was due", 100]);
});

test("speed and time left have the unit a person would use", () => {
  expect(rate(job({ per_second: 41.6 }))).toBe("42 per s");
  expect(rate(job({ per_second: 0.25 }))).toBe("15 per min");
  expect(rate(job())).toBe("–");
  expect(timeLeft(job({ seconds_left: 61.2 }))).toBe("about 62 s");
  expect([spell(600), spell(7200), spell(260_000)]).toEqual(["10 min", "2 h", "4 days"]);
});

test("money that is not known is not nothing", () => {
  expect([dollars(null), dollars(0), dollars(1), dollars(1_234_567_890)]).toEqual([
    "unknown",
    "$0.00",
    "under $0.0001",
    "$1,234.57",
  ]);
  const budget = {
    limit_micro: 5_000_000,
    spent_micro: 1_000_000,
    reserved_micro: 250_000,
    lost_micro: 500_000,
  };
  expect(budgetWords(budget)).toBe(
    "Spent $1.50 of $5.00 ($0.50 of it at most, by workers that were killed or batches not fetched yet), up to $0.25 more is out",
  );
  expect(percentSpent(budget)).toBe(35);
  expect(percentSpent({ ...budget, limit_micro: null })).toBeNull();
  expect(budgetWords({ limit_micro: null, spent_micro: 0, reserved_micro: 0, lost_micro: 0 })).toBe(
    "Spent $0.00; no limit is set",
  );
});

test("a limit is a whole number from 1, or nothing at all", () => {
  expect([readLimit(""), readLimit(" 2 000 "), readLimit("1,500")]).toEqual([null, 2000, 1500]);
  expect([readLimit("0"), readLimit("-3"), readLimit("1.5"), readLimit("all")]).toEqual(
    Array(4).fill(undefined),
  );
});

test("what a run would cost is said at its worst, too, and that nobody knows it where that is so", () => {
  const forecast = { asks: true, models: [], cost_micro: 6_200_000, most_micro: 9_000_000, left_micro: null };
  expect(costForeseen(forecast)).toBe("This costs about $6.20, at most $9.00.");
  expect(costForeseen({ ...forecast, cost_micro: null, most_micro: null })).toContain("Nobody knows");
  expect(leftWords(forecast)).toBeNull();
  expect(leftWords({ ...forecast, left_micro: 10_000_000 })).toBe("Left of the budget: $10.00.");
  expect(leftWords({ ...forecast, left_micro: 8_000_000 })).toBe(
    "Left of the budget: $8.00. The run stops where it is spent.",
  );
  const model = { model: "reader", items: 1200, paid: 0, held_back: 0, calls: 1210, most_calls: 3600 };
  const asked = { ...model, cost_micro: 1, most_micro: 2 };
  expect(amountForeseen(asked)).toBe("reader: 1,200 items due, about 1,210 calls");
  expect(amountForeseen({ ...asked, paid: 200 })).toContain("about 200 are answered and paid for already");
});
