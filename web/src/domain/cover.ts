/** What of an item that may distress is hidden still. */

import type { Entry } from "../api/types";

export type Cover = "covered" | "veiled" | "open";

/** steps: how often the person has uncovered this item. Its pictures take a step of their own. */
export function coverOf(entry: Entry, steps: number, coversAtAll: boolean): Cover {
  if (entry.item.warning === null || !coversAtAll) {
    return "open";
  }
  const hasPictures = Object.keys(entry.item.media).length > 0 || holdsPicture(entry.item.content);
  if (steps === 0) {
    return "covered";
  }
  return steps === 1 && hasPictures ? "veiled" : "open";
}

function holdsPicture(content: Entry["item"]["content"]): boolean {
  return Object.values(content).some((value) => typeof value === "string" && value.startsWith("data:image/"));
}
