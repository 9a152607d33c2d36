import { expect, test } from "vitest";
import { writtenInParts } from "./written";

const SPANS = Array.from({ length: 3_001 }, (_, at) => ({
  start: at,
  end: at + 1,
  label: "ä\u2028🦊",
  pieces: undefined,
}));

test.each([
  [null],
  [7],
  ["text"],
  [{}],
  [{ answers: { names: { spans: SPANS, selection: null, last: undefined }, mood: "good" }, seconds: 4 }],
  [SPANS],
  [{ deep: { deep: { deep: { deep: { deep: { deep: SPANS } } } } } }],
  [{ nothing: [], when: new Date(0), several: [undefined, Number.NaN, () => 1] }],
])("a value is written as JSON.stringify writes it (%#)", async (value) => {
  expect(await writtenInParts(value)).toBe(JSON.stringify(value));
});

test("between parts others have their turn", async () => {
  let turns = 0;
  const slow = Array.from({ length: 4_000 }, (_, at) => ({
    toJSON() {
      const until = performance.now() + 0.01;
      while (performance.now() < until);
      return at;
    },
  }));
  const written = await writtenInParts(slow, async () => {
    turns++;
  });
  expect(JSON.parse(written)).toHaveLength(4_000);
  expect(turns).toBeGreaterThan(3);
});
