/** Which fields of an item are read, which are glanced at, and as what each is shown. */

import type { Item } from "../api/types";
import type { StatedField } from "./content";
import { mediumOf } from "./media";
import { seriesOf } from "./time/series";

export interface Field {
  name: string;
  value: unknown;
  /** The content's name in the registry. */
  kind: string;
  title: string;
  settings: Readonly<Record<string, unknown>>;
  beside?: { field: string; value: unknown; title: string };
}

export interface ItemLayout {
  /** Words and figures about a text, beside the item's number. */
  glanced: Field[];
  /** The first field, and every other one that is a text of its own, structured, or shown as the project says. */
  read: Field[];
}

const SHORT = 30;
const FEW_WORDS = 3;
/** A name may be longer, and is still no text: it ends without a mark. */
const NAME = { signs: 40, words: 6 };
const ENDS_AS_A_SENTENCE = /[.!?…。！？؟।]\W*$/u;
/** Fewer numbers are read, not drawn. */
const FEW_POINTS = 20;

export function layoutOf(
  item: Item,
  contentFields: readonly string[],
  stated: readonly StatedField[] = [],
): ItemLayout {
  const names = contentFields.length > 0 ? contentFields : Object.keys(item.content);
  const byName = new Map(stated.map((one) => [one.field, one]));
  const standBeside = new Set(stated.map((one) => one.beside));
  const fields = names
    .filter((name) => isThere(item, name) || isThere(item, byName.get(name)?.beside))
    .filter((name) => !standBeside.has(name))
    .map((name) => fieldOf(item, name, byName.get(name)));
  const [main, ...others] = fields;
  const isGlanced = (field: Field) =>
    !byName.has(field.name) && field.kind === "text" && (isShort(field.value) || isName(field.value));
  if (main && isGlanced(main) && isShort(main.value)) {
    // A title comes first, and what follows may be the very text: nothing is set aside.
    return { glanced: [], read: fields };
  }
  return {
    glanced: others.filter(isGlanced),
    read: [...(main ? [main] : []), ...others.filter((field) => !isGlanced(field))],
  };
}

function fieldOf(item: Item, name: string, stated: StatedField | undefined): Field {
  const value = item.content[name] ?? "";
  const field: Field = {
    name,
    value,
    kind: stated?.kind ?? (stated?.beside ? "pair" : guessed(item, name, value)),
    title: stated?.title || inWords(name),
    settings: stated?.settings ?? {},
  };
  const { beside } = stated ?? {};
  if (!beside) {
    return field;
  }
  const other = { field: beside, value: item.content[beside] ?? "", title: inWords(beside) };
  // What stands side by side is a pair; as what its sides are shown is the pair's own setting.
  const settings = { ...field.settings, ...(stated?.kind === "markdown" ? { markdown: true } : {}) };
  return { ...field, kind: "pair", settings, beside: other };
}

/** As what a value is shown where the project does not say. */
function guessed(item: Item, name: string, value: unknown): string {
  if (turnsOf(value)) {
    return "conversation";
  }
  const [kind] = mediumOf(item, name)?.type?.split("/") ?? [];
  if (kind === "image" || kind === "audio" || kind === "video") {
    return kind;
  }
  if (mediumOf(item, name)?.type === "application/pdf") {
    return "pdf";
  }
  if (typeof value === "object") {
    const isList = Array.isArray(value) && value.length < FEW_POINTS;
    return !isList && seriesOf(value) !== null ? "series" : "json";
  }
  return "text";
}

function isThere(item: Item, name: string | null | undefined): boolean {
  return name != null && item.content[name] !== undefined && item.content[name] !== null;
}

export function inWords(name: string): string {
  return name.replaceAll("_", " ");
}

function isShort(value: unknown): boolean {
  if (typeof value === "string") {
    return value.length <= SHORT && value.trim().split(/\s+/).length <= FEW_WORDS && !value.includes("\n");
  }
  return typeof value === "number" || typeof value === "boolean";
}

function isName(value: unknown): boolean {
  return (
    typeof value === "string" &&
    value.length <= NAME.signs &&
    value.trim().split(/\s+/).length <= NAME.words &&
    !value.includes("\n") &&
    !ENDS_AS_A_SENTENCE.test(value)
  );
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
