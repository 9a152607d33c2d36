/** Which columns are drawn, as `content_fields` says; what it leaves open is told by the file. */
export interface Columns {
  time: string | null;
  columns: readonly string[];
  rate: number | null;
}

/** Read a field's setting: `time: when`, `columns: [pulse]`, `rate: 100`. */
export function columnsOf(settings: Readonly<Record<string, unknown>>): Columns {
  const { time, columns, rate } = settings;
  return {
    time: typeof time === "string" ? time : null,
    columns: Array.isArray(columns) ? columns.map(String) : [],
    rate: typeof rate === "number" && rate > 0 ? rate : null,
  };
}
