/** Which fields of an item are read, which are glanced at. */

import type { Item } from "../api/types";

export interface Field {
  name: string;
  value: unknown;
}

export interface ItemLayout {
  /** Words and figures about a text, beside the item's number. */
  glanced: Field[];
  /** The first field, and every other one that is a text of its own or structured. */
  read: Field[];
}

const SHORT = 30;
const FEW_WORDS = 3;

export function layoutOf(item: Item, contentFields: readonly string[]): ItemLayout {
  const names = contentFields.length > 0 ? contentFields : Object.keys(item.content);
  const fields = names
    .filter((name) => item.content[name] !== undefined && item.content[name] !== null)
    .map((name) => ({ name, value: item.content[name] }));
  const [main, ...others] = fields;
  if (main && isShort(main.value)) {
    // A title comes first, and what follows may be the very text: nothing is set aside.
    return { glanced: [], read: fields };
  }
  return {
    glanced: others.filter((field) => isShort(field.value)),
    read: [...(main ? [main] : []), ...others.filter((field) => !isShort(field.value))],
  };
}

function isShort(value: unknown): boolean {
  if (typeof value === "string") {
    return value.length <= SHORT && value.trim().split(/\s+/).length <= FEW_WORDS && !value.includes("\n");
  }
  return typeof value === "number" || typeof value === "boolean";
}

export interface Turn {
  role: string;
  content: unknown;
}

/** Read a value as a conversation, or null when it is none. */
export function turnsOf(value: unknown): Turn[] | null {
  const isTurn = (one: unknown): one is Turn =>
    typeof one === "object" &&
    one !== null &&
    typeof (one as Turn).role === "string" &&
    (one as Turn).content !== undefined;
  return Array.isArray(value) && value.length > 0 && value.every(isTurn) ? value : null;
}
