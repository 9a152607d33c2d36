import { expect, test } from "vitest";
import { isBreakDue, limitsFor, passed, REST_SECONDS, startOfWork } from "./breaks";

const AFTER_ONE = { minutes: 1, items: null };

test("a break is due after so much active work, and idle time is none", () => {
  let worked = startOfWork(0);
  for (let second = 1; second <= 59; second++) {
    worked = passed(worked, 1, second * 1000, true);
  }
  expect(isBreakDue(worked, AFTER_ONE)).toBe(false);
  worked = passed(worked, 1, 60_000, true);
  expect(isBreakDue(worked, AFTER_ONE)).toBe(true);
  const idle = passed(startOfWork(0), 500, 200_000, false);
  expect(idle.seconds).toBe(0);
});

test("who was away for long has rested: counting begins anew", () => {
  const worked = { seconds: 3_000, items: 90, stirredAt: 0 };
  const back = passed(worked, 1, (REST_SECONDS + 1) * 1000, true);
  expect(back).toEqual({ seconds: 0, items: 0, stirredAt: (REST_SECONDS + 1) * 1000 });
});

test("a break is due after so many items", () => {
  expect(isBreakDue({ seconds: 0, items: 20, stirredAt: 0 }, { minutes: null, items: 20 })).toBe(true);
  expect(isBreakDue({ seconds: 0, items: 19, stirredAt: 0 }, { minutes: null, items: 20 })).toBe(false);
});

test("a person's own choice goes before the project's", () => {
  const project = { minutes: 30, items: 100 };
  expect(limitsFor(project, null)).toEqual(project);
  expect(limitsFor(project, 0)).toEqual({ minutes: null, items: null });
  expect(limitsFor(project, 45)).toEqual({ minutes: 45, items: null });
});
