/** Where a picture, a sound, a film or a page of an item is fetched: out of the item itself, or from this server. */

import type { Item } from "../api/types";

export interface Medium {
  /** A data URL, or an address of this server. Never another machine's. */
  url: string;
  /** Its content type; null where neither the data URL nor the file's name says it. */
  type: string | null;
}

/** Nothing that can run, so no SVG but as a picture, where browsers run none of it. */
const IN_ITEM =
  /^data:((?:image|audio|video)\/[a-z0-9.+-]+|application\/pdf|text\/(?:plain|csv)|application\/json)[;,]/i;

/**
 * The media of a field, in order: one for a text, one for each entry of a list.
 * Null stands for what is neither a file of the workspace nor a data URL: another machine's link is not fetched.
 */
export function mediaOf(item: Item, field: string): (Medium | null)[] {
  const value = item.content[field];
  const several = Array.isArray(value) ? value : [value];
  return several.map((one, place) => inItem(one) ?? item.media[field]?.[place] ?? null);
}

/** The first medium of a field; null when there is none. */
export function mediumOf(item: Item, field: string): Medium | null {
  return mediaOf(item, field)[0] ?? null;
}

function inItem(value: unknown): Medium | null {
  const found = typeof value === "string" ? IN_ITEM.exec(value.slice(0, 200)) : null;
  return found ? { url: value as string, type: found[1]?.toLowerCase() ?? null } : null;
}
