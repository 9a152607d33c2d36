import { describe, expect, it } from "vitest";
import type { BulkAct, BulkCard } from "../api/types";
import { cardBeyond, checkWords, groupsOf, sampleSize, whyWords } from "./bulk";

const card = (id: string, value: unknown): BulkCard => ({
  id,
  excerpt: id,
  media: {},
  warning: null,
  probability: null,
  shown: { tone: { value, prediction: 1 } },
});

const ACT: BulkAct = {
  act: "a",
  at: "2026-01-01T00:00:00Z",
  who: "mia",
  n_accepted: 100,
  is_rolled_back: false,
  most_wrong: 0.05,
  by_another: true,
  inclusion_probability: 0.39,
  n_sample: 39,
  n_checked: 39,
  n_not_blind: 0,
  n_wrong: 0,
  low: 0,
  high: 5,
};

describe("accepting in bulk", () => {
  it("puts equal labels together, the largest group first", () => {
    const found = groupsOf(
      [card("1", "bad"), card("2", "good"), card("3", "good"), card("4", ["x"])],
      "tone",
    );
    expect(found.map((one) => [one.key, one.cards.map((two) => two.id)])).toEqual([
      ['"good"', ["2", "3"]],
      ['"bad"', ["1"]],
      ['["x"]', ["4"]],
    ]);
  });

  it("asks for as many as the server does", () => {
    expect([0, 1, 10, 100, 1000, 1e6].map((n) => sampleSize(n, 0.05))).toEqual([0, 1, 10, 39, 56, 59]);
  });

  it("goes up and down by what is seen, also where a group's last row is short", () => {
    const at = (left: number, top: number) => ({ left, top, width: 100 });
    const boxes = [at(0, 0), at(110, 0), at(220, 0), at(0, 100), at(0, 250), at(110, 250)];
    expect(cardBeyond(boxes, 2, 1)).toBe(3);
    expect(cardBeyond(boxes, 3, 1)).toBe(4);
    expect(cardBeyond(boxes, 5, -1)).toBe(3);
    expect(cardBeyond(boxes, 0, -1)).toBe(0);
    expect(cardBeyond(boxes, 5, 1)).toBe(5);
  });

  it("gives bounds once the whole sample is checked, and none of what is rolled back", () => {
    expect(checkWords(ACT)).toContain("Of all 100, 0 to 5 are wrong");
    expect(checkWords({ ...ACT, n_checked: 3 })).toBe("3 of 39 drawn are checked, 0 wrong.");
    expect(checkWords({ ...ACT, is_rolled_back: true, high: null, low: null })).toBe("Rolled back.");
    expect(whyWords("held")).toBe("somebody has it in hand");
  });
});
