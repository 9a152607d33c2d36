/** Which field of an item is a sound, a film or a series of measurements, and where it is played from. */

import type { Item } from "../../api/types";
import { mediumOf } from "../media";
import { type Series, seriesOf } from "./series";

export type Recording =
  | { kind: "audio" | "video"; source: string; field: string }
  | { kind: "series"; series: Series; field: string };

/** The recording of one field; null where it is none. */
export function recordingOf(item: Item, field: string): Recording | null {
  const medium = mediumOf(item, field);
  const kind = /^(audio|video)\//.exec(medium?.type ?? "")?.[1];
  if (medium !== null && (kind === "audio" || kind === "video")) {
    return { kind, source: medium.url, field };
  }
  const series = seriesOf(item.content[field]);
  return series === null ? null : { kind: "series", series, field };
}

/** The recording that a question is about: of the field its settings name, else the only one there is. */
export function recordingIn(item: Item, field: string | undefined): Recording | null {
  const names = field === undefined ? Object.keys(item.content) : [field];
  const found = names.map((name) => recordingOf(item, name)).filter((one) => one !== null);
  return found.length === 1 ? (found[0] ?? null) : null;
}
