/** A table of measurements in a file (CSV), read piece by piece: what cannot be read is left out and named by its line. */

import type { Columns } from "./columns";
import type { Channel, Series } from "./series";

export interface BadRow {
  line: number;
  problem: "cells" | "time" | "order" | "number";
  /** What stands there; for `cells`, how many. */
  found: string;
}

export interface SeriesTable {
  series: Series;
  /** The first of them; `nBad` counts all. */
  bad: BadRow[];
  nBad: number;
}

/** Why a file is not drawn. `found`: what it has instead. */
export class NoSeries extends Error {
  constructor(
    readonly why: "size" | "text" | "empty" | "time" | "column" | "numbers" | "rows",
    readonly wanted = "",
    readonly found: readonly string[] = [],
  ) {
    super(why);
  }
}

export const MOST_BYTES = 50_000_000;
export const MOST_ROWS = 5_000_000;
const MOST_CHANNELS = 32;
const MOST_NAMED = 5;
/** Rows between two rests, so that keys are answered while a long file is read. */
const AT_ONCE = 20_000;
const TIMES = ["t", "time", "timestamp", "seconds", "date", "datetime"];

/** rest: lets others work, now and then. Throws NoSeries. */
export async function readTable(
  text: string,
  wanted: Columns,
  rest: () => Promise<void>,
): Promise<SeriesTable> {
  const lines = linesOf(text);
  const head = lines.next();
  if (head.done || head.value.trim() === "") {
    throw new NoSeries("empty");
  }
  const mark = delimiterOf(head.value);
  const names = cellsOf(head.value, mark);
  const isBare = names.every((name) => Number.isFinite(numberOf(name, mark)));
  const titles = isBare ? names.map((_, place) => String(place + 1)) : names;
  const { timeAt, drawn } = choose(titles, wanted);
  const times: number[] = [];
  const values = drawn.map((): (number | null)[] => []);
  const isNumeric = drawn.map(() => false);
  const bad: BadRow[] = [];
  let nBad = 0;
  let firstDate: number | null = null;
  const refuse = (line: number, problem: BadRow["problem"], found: string) => {
    nBad += 1;
    if (bad.length < MOST_NAMED) {
      bad.push({ line, problem, found: found.slice(0, 40) });
    }
  };
  const take = (line: number, row: string) => {
    const cells = cellsOf(row, mark);
    if (cells.length !== titles.length) {
      return refuse(line, "cells", String(cells.length));
    }
    if (timeAt !== null) {
      const stated = cells[timeAt] ?? "";
      let time = numberOf(stated, mark);
      if (!Number.isFinite(time) && Number.isFinite(Date.parse(stated))) {
        firstDate ??= Date.parse(stated);
        time = (Date.parse(stated) - firstDate) / 1000;
      }
      if (!Number.isFinite(time)) {
        return refuse(line, "time", stated);
      }
      if (times.length > 0 && time < (times[times.length - 1] as number)) {
        return refuse(line, "order", stated);
      }
      const said = drawn.map((at) => cells[at] ?? "");
      const wrong = unreadable(said);
      if (wrong !== undefined) {
        return refuse(line, "number", wrong);
      }
      times.push(time);
      return keep(said);
    }
    const said = drawn.map((at) => cells[at] ?? "");
    const wrong = unreadable(said);
    return wrong === undefined ? keep(said) : refuse(line, "number", wrong);
  };
  /** A column that was asked for holds figures; of those that were not, one of words is left out. */
  const unreadable = (said: readonly string[]) =>
    wanted.columns.length > 0 || isNumeric.some(Boolean)
      ? said.find(
          (cell, place) =>
            cell !== "" &&
            (wanted.columns.length > 0 || isNumeric[place]) &&
            !Number.isFinite(numberOf(cell, mark)),
        )
      : undefined;
  const keep = (said: readonly string[]) => {
    said.forEach((cell, place) => {
      const value = cell === "" ? Number.NaN : numberOf(cell, mark);
      const isFigure = Number.isFinite(value);
      isNumeric[place] = isNumeric[place] || isFigure;
      (values[place] as (number | null)[]).push(isFigure ? value : null);
    });
  };
  if (isBare) {
    take(1, head.value);
  }
  let line = 1;
  for (const row of lines) {
    line += 1;
    if (row.trim() !== "") {
      take(line, row);
    }
    if ((values[0]?.length ?? 0) > MOST_ROWS) {
      throw new NoSeries("rows");
    }
    if (line % AT_ONCE === 0) {
      await rest();
    }
  }
  const channels = drawn.flatMap((at, place): Channel[] =>
    isNumeric[place] ? [{ name: titles[at] as string, y: values[place] as (number | null)[] }] : [],
  );
  const length = values[0]?.length ?? 0;
  if (channels.length === 0 || length === 0) {
    throw new NoSeries("numbers", "", titles);
  }
  return {
    series: {
      t: timeAt === null ? null : times,
      rate: wanted.rate ?? 1,
      isCounted: timeAt === null && wanted.rate === null,
      channels: channels.slice(0, MOST_CHANNELS),
      length,
    },
    bad,
    nBad,
  };
}

function choose(titles: readonly string[], wanted: Columns): { timeAt: number | null; drawn: number[] } {
  const missing = wanted.columns.find((name) => !titles.includes(name));
  if (missing !== undefined) {
    throw new NoSeries("column", missing, titles);
  }
  const named =
    wanted.time === null
      ? wanted.rate === null
        ? titles.findIndex((name) => TIMES.includes(name.toLowerCase()))
        : -1
      : titles.indexOf(wanted.time);
  if (wanted.time !== null && named < 0) {
    throw new NoSeries("time", wanted.time, titles);
  }
  const timeAt = named < 0 ? null : named;
  const drawn =
    wanted.columns.length > 0
      ? wanted.columns.map((name) => titles.indexOf(name))
      : titles.map((_, place) => place).filter((place) => place !== timeAt);
  return { timeAt, drawn };
}

function* linesOf(text: string): Generator<string, undefined> {
  let from = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (from < text.length) {
    const end = text.indexOf("\n", from);
    const until = end < 0 ? text.length : end;
    yield text.slice(from, text.charCodeAt(until - 1) === 13 ? until - 1 : until);
    from = until + 1;
  }
}

function delimiterOf(head: string): string {
  const counts = [",", ";", "\t"].map((mark) => [head.split(mark).length, mark] as const);
  return counts.reduce((best, one) => (one[0] > best[0] ? one : best))[1];
}

/** The cells of a row; a quoted one may hold the delimiter. */
function cellsOf(row: string, mark: string): string[] {
  if (!row.includes('"')) {
    return row.split(mark).map((cell) => cell.trim());
  }
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let at = 0; at < row.length; at += 1) {
    const sign = row[at] as string;
    if (sign === '"' && isQuoted && row[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (sign === '"') {
      isQuoted = !isQuoted;
    } else if (sign === mark && !isQuoted) {
      cells.push(cell.trim());
      cell = "";
    } else {
      cell += sign;
    }
  }
  return [...cells, cell.trim()];
}

/** Where semicolons stand between cells, a comma may stand in a figure. */
function numberOf(cell: string, mark: string): number {
  if (cell === "") {
    return Number.NaN;
  }
  const plain = mark === ";" ? cell.replace(",", ".") : cell;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
}
