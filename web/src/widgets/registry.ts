/** Every widget there is. A new task type adds a folder and a line here. */

import { boxes } from "./boxes";
import { classification } from "./classification";
import { fields } from "./fields";
import { multilabel } from "./multilabel";
import { preference } from "./preference";
import { ranking } from "./ranking";
import { rating } from "./rating";
import { relations } from "./relations";
import { spans } from "./spans";
import { text } from "./text";
import type { SealedWidget } from "./widget";

const WIDGETS: readonly SealedWidget[] = [
  classification,
  multilabel,
  rating,
  preference,
  ranking,
  text,
  fields,
  spans,
  relations,
  boxes,
];

const byName = new Map(WIDGETS.map((widget) => [widget.name, widget]));

/** Give the widget of a task type, or null when this page is older than the type. */
export function widgetFor(type: string): SealedWidget | null {
  return byName.get(type) ?? null;
}
