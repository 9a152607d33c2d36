import { expect, test } from "vitest";
import { type Columns, columnsOf } from "./columns";
import { NoSeries, readTable } from "./seriesFile";

const read = (text: string, wanted: Partial<Columns> = {}) =>
  readTable(text, { time: null, columns: [], rate: null, ...wanted }, () => Promise.resolve());

test("a table has a channel for each column of figures, over its column of times", async () => {
  const { series, nBad } = await read("time,pulse,note,steps\n0,60,a,1\n0.5,61.5,b,\n1,-2e1,,3\n");
  expect(series.t).toEqual([0, 0.5, 1]);
  expect(series.channels).toEqual([
    { name: "pulse", y: [60, 61.5, -20] },
    { name: "steps", y: [1, null, 3] },
  ]);
  expect([series.length, nBad]).toEqual([3, 0]);
});

test("the project chooses columns, times and the rate", async () => {
  const text = "when;a;b\n1;1,5;x\n2;2,5;y";
  const chosen = await read(text, columnsOf({ time: "when", columns: ["a"] }) as Columns);
  expect(chosen.series.channels).toEqual([{ name: "a", y: [1.5, 2.5] }]);
  const even = await read("time,a\n5,1\n6,2", columnsOf({ rate: 100 }));
  expect([even.series.t, even.series.rate, even.series.channels.length]).toEqual([null, 100, 2]);
});

test("a table without names counts its columns, and its points where no time is said", async () => {
  const { series } = await read("\ufeff1\t2\r\n3\t4\r\n");
  expect(series.channels).toEqual([
    { name: "1", y: [1, 3] },
    { name: "2", y: [2, 4] },
  ]);
  expect([series.t, series.isCounted]).toEqual([null, true]);
});

test("dates are counted in seconds from the first", async () => {
  const { series } = await read("date,a\n2026-01-01T00:00:00Z,1\n2026-01-01T00:01:30Z,2");
  expect(series.t).toEqual([0, 90]);
});

test("rows that cannot be read are left out and named by their lines", async () => {
  const rows = ["t,a", "0,1", "1", "x,2", "1,two", '2,"3"', "1,4", "", "3,5"];
  const { series, bad, nBad } = await read(rows.join("\n"), { columns: ["a"] });
  expect(series.t).toEqual([0, 2, 3]);
  expect(series.channels[0]?.y).toEqual([1, 3, 5]);
  expect(nBad).toBe(4);
  expect(bad).toEqual([
    { line: 3, problem: "cells", found: "1" },
    { line: 4, problem: "time", found: "x" },
    { line: 5, problem: "number", found: "two" },
    { line: 7, problem: "order", found: "1" },
  ]);
});

test.each([
  ["", {}, "empty"],
  ["a,b\n1,2", { time: "when" }, "time"],
  ["a,b\n1,2", { columns: ["c"] }, "column"],
  ["a,b\nx,y", {}, "numbers"],
  ["a,b", {}, "numbers"],
])("what is no table of figures is told: %j", async (text, wanted, why) => {
  const failed = await read(text, wanted).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(NoSeries);
  expect((failed as NoSeries).why).toBe(why);
});

test("a long table lets others work meanwhile", async () => {
  let rests = 0;
  const text = `t,a\n${Array.from({ length: 50_000 }, (_, n) => `${n},${n % 7}`).join("\n")}`;
  const wanted = { time: null, columns: [], rate: null };
  const { series } = await readTable(text, wanted, async () => {
    rests += 1;
  });
  expect([series.length, rests]).toEqual([50_000, 2]);
});
