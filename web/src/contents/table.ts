/** Records as a table: which columns there are, and what stands in each cell. */

export interface Table {
  columns: readonly string[];
  rows: readonly (readonly unknown[])[];
  /** The columns' names were given by counting or by this page, not by the item. */
  isUnnamed: boolean;
}

const MOST_COLUMNS = 100;

/**
 * Read a list of objects, a list of lists, a list of plain values, or one object (its names down the side).
 * wanted: the columns to show, in this order; empty = all, in the order in which they come. Null: it is no table.
 */
export function tableOf(value: unknown, wanted: readonly string[] = []): Table | null {
  if (typeof value !== "object" || value === null) {
    return null;
  }
  if (!Array.isArray(value)) {
    return { columns: ["", "value"], rows: Object.entries(value), isUnnamed: true };
  }
  if (value.length > 0 && value.every(isRecord)) {
    return ofRecords(value, wanted);
  }
  if (value.length > 0 && value.every(Array.isArray)) {
    const width = Math.min(MOST_COLUMNS, Math.max(...value.map((row: unknown[]) => row.length)));
    const columns = Array.from({ length: width }, (_, place) => String(place + 1));
    return {
      columns,
      rows: value.map((row: unknown[]) => columns.map((_, place) => row[place])),
      isUnnamed: true,
    };
  }
  return { columns: ["value"], rows: value.map((one) => [one]), isUnnamed: true };
}

function ofRecords(records: readonly Record<string, unknown>[], wanted: readonly string[]): Table {
  const names = new Set(wanted);
  if (wanted.length === 0) {
    for (const record of records) {
      for (const name of Object.keys(record)) {
        if (names.size < MOST_COLUMNS) {
          names.add(name);
        }
      }
    }
  }
  const columns = [...names];
  const rows = records.map((record) =>
    columns.map((name) => (Object.hasOwn(record, name) ? record[name] : undefined)),
  );
  return { columns, rows, isUnnamed: false };
}

function isRecord(one: unknown): one is Record<string, unknown> {
  return typeof one === "object" && one !== null && !Array.isArray(one);
}
