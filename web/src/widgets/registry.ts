/**
 * Every widget there is. A new task type adds a folder and a line here.
 *
 * All but the plainest come with the first project that asks such a question (`fetchWidgets`), so that the page's first
 * load stays small.
 */

import type { Item, Question } from "../api/types";
import { classification } from "./classification";
import { multilabel } from "./multilabel";
import type { SealedWidget } from "./widget";

const FETCHED: Readonly<Record<string, () => Promise<SealedWidget>>> = {
  taxonomy: async () => (await import("./taxonomy")).taxonomy,
  rating: async () => (await import("./rating")).rating,
  preference: async () => (await import("./preference")).preference,
  ranking: async () => (await import("./ranking")).ranking,
  text: async () => (await import("./text")).text,
  fields: async () => (await import("./fields")).fields,
  spans: async () => (await import("./spans")).spans,
  relations: async () => (await import("./relations")).relations,
  boxes: async () => (await import("./boxes")).boxes,
  ranges: async () => (await import("./ranges")).ranges,
  polygons: async () => (await import("./polygons")).polygons,
  keypoints: async () => (await import("./keypoints")).keypoints,
  masks: async () => (await import("./masks")).masks,
  tracks: async () => (await import("./tracks")).tracks,
};
const NAMESPACE = "labelwright/";

const byName = new Map<string, SealedWidget>([classification, multilabel].map((one) => [one.name, one]));

/** Fetch what questions of these types need; `widgetFor` knows them from then on. */
export async function fetchWidgets(types: Iterable<string>): Promise<void> {
  await Promise.all(
    [...new Set(types)].map(async (type) => {
      const fetch = byName.has(type) ? undefined : FETCHED[type.replace(NAMESPACE, "")];
      if (fetch) {
        byName.set(type, await fetch());
      }
    }),
  );
}

/** Give the widget of a task type, or null when this page is older than the type, or the type was not fetched. */
export function widgetFor(type: string): SealedWidget | null {
  return byName.get(type) ?? null;
}

const besides = new WeakMap<Item, { drawn: string; beside: Item }>();

/** The item without the fields that its questions' widgets show themselves; the same object for the same answer. */
export function itemBeside(item: Item, questions: readonly Question[]): Item {
  const drawn = questions
    .map(({ type, settings }, place) => widgetFor(type)?.draws?.(settings, item, place))
    .filter((field) => typeof field === "string");
  if (drawn.length === 0) {
    return item;
  }
  const known = besides.get(item);
  if (known?.drawn === drawn.join("\n")) {
    return known.beside;
  }
  const content = Object.entries(item.content).filter(([field]) => !drawn.includes(field));
  const beside = { ...item, content: Object.fromEntries(content) };
  besides.set(item, { drawn: drawn.join("\n"), beside });
  return beside;
}

/** The names of all task types this page can show. */
export function knownTypes(): string[] {
  return [classification.name, multilabel.name, ...Object.keys(FETCHED).map((name) => NAMESPACE + name)];
}
