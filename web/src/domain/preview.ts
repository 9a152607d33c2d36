import type { Item } from "../api/types";

const LENGTH = 80;

/** An item in a few words: the beginning of its main field. */
export function previewOf(item: Item, contentFields: readonly string[]): string {
  const fields = contentFields.length > 0 ? contentFields : Object.keys(item.content);
  const main = fields
    .map((field) => item.content[field])
    .find((value) => value !== undefined && value !== "");
  const text = main === undefined || typeof main === "string" ? (main ?? "") : (JSON.stringify(main) ?? "");
  const line = text
    .slice(0, 4 * LENGTH)
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  return characters.length > LENGTH ? `${characters.slice(0, LENGTH - 1).join("")}…` : line || item.id;
}
