/** Which image a question is about. */

import type { Item } from "../../api/types";
import { mediumOf } from "../../contents/media";

interface Settings {
  field?: string;
  labels?: unknown;
}

/** The field that holds the image: the one the settings name, else the only one that does. */
export function fieldOf(settings: Settings, item: Item): string | null {
  const named = settings.field === undefined ? Object.keys(item.content) : [settings.field];
  const fields = named.filter((field) => addressIn(item, field) !== null);
  return fields.length === 1 ? (fields[0] ?? null) : null;
}

/** The address of the image: in the item itself, or a file this server keeps. Another's is never fetched. */
export function imageOf(settings: Settings, item: Item): string | null {
  const field = fieldOf(settings, item);
  return field === null ? null : addressIn(item, field);
}

function addressIn(item: Item, field: string): string | null {
  const value = item.content[field];
  const medium = typeof value === "string" ? mediumOf(item, field) : null;
  return medium?.type?.startsWith("image/") ? medium.url : null;
}
