/** Every widget there is. A new task type adds a folder and a line here. */

import type { Item, Question } from "../api/types";
import { boxes } from "./boxes";
import { classification } from "./classification";
import { fields } from "./fields";
import { keypoints } from "./keypoints";
import { masks } from "./masks";
import { multilabel } from "./multilabel";
import { polygons } from "./polygons";
import { preference } from "./preference";
import { ranges } from "./ranges";
import { ranking } from "./ranking";
import { rating } from "./rating";
import { relations } from "./relations";
import { spans } from "./spans";
import { taxonomy } from "./taxonomy";
import { text } from "./text";
import { tracks } from "./tracks";
import type { SealedWidget } from "./widget";

const WIDGETS: readonly SealedWidget[] = [
  classification,
  multilabel,
  taxonomy,
  rating,
  preference,
  ranking,
  text,
  fields,
  spans,
  relations,
  boxes,
  ranges,
  polygons,
  keypoints,
  masks,
  tracks,
];

const byName = new Map(WIDGETS.map((widget) => [widget.name, widget]));

/** Give the widget of a task type, or null when this page is older than the type. */
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
  return [...byName.keys()];
}
