/** Which field of an item is a sound, a film or a series of measurements, and where it is played from. */

import type { Item } from "../../api/types";
import type { StatedField } from "../content";
import { mediumOf } from "../media";
import { type Columns, columnsOf } from "./columns";
import { type Series, seriesOf } from "./series";

export type Recording =
  | { kind: "audio" | "video"; source: string; field: string }
  | { kind: "series"; series: Series; field: string }
  | { kind: "table"; source: string; columns: Columns; field: string };

const TABLE = /\.(csv|tsv)$/i;

/** The recording of one field; null where it is none. */
export function recordingOf(
  item: Item,
  field: string,
  stated: readonly StatedField[] = [],
): Recording | null {
  const medium = mediumOf(item, field);
  const kind = /^(audio|video)\//.exec(medium?.type ?? "")?.[1];
  if (medium !== null && (kind === "audio" || kind === "video")) {
    return { kind, source: medium.url, field };
  }
  const value = item.content[field];
  if (medium !== null && typeof value === "string" && isTable(value, medium.type)) {
    const settings = stated.find((one) => one.field === field)?.settings ?? {};
    return { kind: "table", source: medium.url, columns: columnsOf(settings), field };
  }
  const series = seriesOf(value);
  return series === null ? null : { kind: "series", series, field };
}

/** Whether a recording is measurements, drawn and not played. */
export function isDrawn(recording: Recording): boolean {
  return recording.kind === "series" || recording.kind === "table";
}

function isTable(value: string, type: string | null): boolean {
  return TABLE.test(value) || type === "text/csv";
}

/** The recording that a question is about: of the field its settings name, else the only one there is. */
export function recordingIn(
  item: Item,
  field: string | undefined,
  stated: readonly StatedField[] = [],
): Recording | null {
  const names = field === undefined ? Object.keys(item.content) : [field];
  const found = names.map((name) => recordingOf(item, name, stated)).filter((one) => one !== null);
  return found.length === 1 ? (found[0] ?? null) : null;
}
