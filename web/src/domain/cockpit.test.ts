import { expect, test } from "vitest";
import type { Cockpit, CockpitQuestion, CockpitRung } from "../api/types";
import { frozenPlace, labelWords, percentOf, placeOf, readLimit, timeWords, weigh, yamlOf } from "./cockpit";
import { calibrationWords, daysOf } from "./dashboard";

const RUNG: CockpitRung = {
  target_error: 0.05,
  is_frozen: true,
  is_certified: true,
  threshold: 0.8,
  n_accepted: 60,
  coverage: 0.6,
  n_left: 40,
  n_audit: 3,
  n_labels: 83,
  n_start: 177,
  reason: null,
};
const RUNGS = [0.01, 0.03, 0.05, 0.1].map((target_error) => ({
  ...RUNG,
  target_error,
  is_frozen: target_error === 0.05,
}));

test("a limit between two rungs goes to the stricter, and one below all to the strictest", () => {
  expect([0.001, 0.01, 0.029, 0.03, 0.0999, 0.5].map((limit) => placeOf(RUNGS, limit))).toEqual([
    0, 0, 0, 1, 2, 3,
  ]);
  expect(frozenPlace(RUNGS)).toBe(2);
  expect(placeOf([{ ...RUNG, target_error: 0.1 + 0.2 }], 0.3)).toBe(0);
});

test("limits are read as people type them, and nothing else is", () => {
  expect(["5", " 2.5 % ", "2,5", "0.5%"].map(readLimit)).toEqual([0.05, 0.025, 0.025, 0.005]);
  expect(["", "0", "100", "-1", "five", "5 5", "1e1"].map(readLimit)).toEqual(Array(7).fill(null));
  expect([0.05, 0.025, 0.07].map(percentOf)).toEqual(["5", "2.5", "7"]);
  expect(yamlOf(0.07000000000000001)).toBe("0.07");
});

test("work and money follow from the labels left, and are unknown where time or wage is", () => {
  const question = { n_by_hand: 200 } as CockpitQuestion;
  const known = { seconds_per_answer: 36, wage_per_hour: 20 } as Cockpit;
  const found = weigh(known, question, RUNG);
  expect(found).toMatchObject({ labels: 83, seconds: 83 * 36, byHand: { labels: 200, cost: 40 } });
  expect(found.cost).toBeCloseTo(16.6);
  expect(weigh({ ...known, wage_per_hour: null }, question, RUNG).cost).toBeNull();
  expect(weigh({ ...known, seconds_per_answer: null }, question, RUNG)).toMatchObject({
    seconds: null,
    cost: null,
  });
});

test("times and labels are said in a few words", () => {
  expect([null, 0, 20, 600, 3600, 6600, 40_000].map(timeWords)).toEqual([
    "not known",
    "no time",
    "under a minute",
    "10 min",
    "1 h",
    "1 h 50 min",
    "11 h",
  ]);
  expect(["good", ["a", "b"], [], 4, [{ start: 1 }]].map(labelWords)).toEqual([
    "good",
    "a, b",
    "none",
    "4",
    '[{"start":1}]',
  ]);
});

test("hours become days of the reader's time zone, without gaps, the newest kept", () => {
  const at = (day: string, hour: number) => {
    const utc = new Date(`${day}T${String(hour).padStart(2, "0")}:00:00`);
    return utc.toISOString().slice(0, 13);
  };
  const days = daysOf([
    { hour: at("2026-03-01", 9), n: 2 },
    { hour: at("2026-03-03", 9), n: 5 },
    { hour: at("2026-03-03", 10), n: 1 },
  ]);
  expect(days.map((day) => day.date)).toEqual(["2026-03-01", "2026-03-02", "2026-03-03"]);
  expect(days[2]?.hours[9]).toBe(5);
  expect(days.flatMap((day) => day.hours).reduce((a, b) => a + b)).toBe(8);
  expect(
    daysOf(
      [
        { hour: at("2026-03-01", 9), n: 2 },
        { hour: at("2026-05-01", 9), n: 2 },
      ],
      7,
    ),
  ).toHaveLength(7);
  expect(daysOf([])).toEqual([]);
});

test("a void certificate says why", () => {
  const words = calibrationWords({ state: "void", void_because: ["the prompt is another"] });
  expect(words).toBe("The certificates are void: the prompt is another.");
});
