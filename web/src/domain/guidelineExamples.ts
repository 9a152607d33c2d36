/** Items of the project, written into a guideline as examples. */

import type { ExampleItem } from "../api/types";
import { previewOf } from "./preview";

const HEADING = "## Examples";
const MOST_CHARACTERS = 600;

/** Add an item to the end of a guideline, under a heading of its own. */
export function withExample(guideline: string, item: ExampleItem, contentFields: readonly string[]): string {
  const labels = Object.values(item.labels).map(named).filter(Boolean).join(", ");
  const line = `- ${labels ? `**${escaped(labels)}**: ` : ""}“${escaped(textOf(item, contentFields))}”`;
  const body = guideline.trimEnd();
  const hasHeading = body.split("\n").some((one) => one.trim() === HEADING);
  const before = hasHeading ? body : `${body}${body ? "\n\n" : ""}${HEADING}\n`;
  return `${before}\n${line}\n`;
}

function textOf(item: ExampleItem, contentFields: readonly string[]): string {
  const main = contentFields
    .map((field) => item.content[field])
    .find((value) => typeof value === "string" && value);
  const text =
    typeof main === "string"
      ? main
      : previewOf({ ...item, metadata: {}, media: {}, warning: null }, contentFields);
  const line = text
    .slice(0, 4 * MOST_CHARACTERS)
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  return characters.length > MOST_CHARACTERS ? `${characters.slice(0, MOST_CHARACTERS - 1).join("")}…` : line;
}

/** A label, or several; what is no plain name is not written. */
function named(value: unknown): string {
  if (Array.isArray(value)) {
    return value.filter((one) => typeof one === "string").join(", ");
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** What an item says is text, whatever it looks like. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|~&]/g, (character) => `\\${character}`);
}
