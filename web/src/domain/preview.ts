import type { Item } from "../api/types";

const LENGTH = 80;

function isMedium(value: unknown): boolean {
  return typeof value === "string" && /^data:[a-z]+\/[a-z0-9.+-]+[;,]/i.test(value.slice(0, 200));
}

/** An item in a few words: the beginning of its main field; where that is a picture or a sound, the item's name. */
export function previewOf(item: Item, contentFields: readonly string[]): string {
  if (item.warning !== null) {
    // It was covered: the list of what was just done does not uncover it.
    return item.id;
  }
  const fields = contentFields.length > 0 ? contentFields : Object.keys(item.content);
  const main = fields
    .map((field) => item.content[field])
    .find((value) => value !== undefined && value !== "" && !isMedium(value));
  const text = textIn(main);
  const line = text
    .slice(0, 4 * LENGTH)
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  return characters.length > LENGTH ? `${characters.slice(0, LENGTH - 1).join("")}…` : line || item.id;
}

/** The text of a value: of a conversation what was said first, of anything else its JSON. */
function textIn(value: unknown): string {
  if (value === undefined || typeof value === "string") {
    return value ?? "";
  }
  const said = Array.isArray(value) ? value.find((turn) => turn?.role !== "system" && turn?.content) : null;
  return typeof said?.content === "string" ? said.content : (JSON.stringify(value) ?? "");
}
