/** Every widget there is. A new task type adds a folder and a line here. */

import { classification } from "./classification";
import { multilabel } from "./multilabel";
import type { SealedWidget } from "./widget";

const WIDGETS: readonly SealedWidget[] = [classification, multilabel];

const byName = new Map(WIDGETS.map((widget) => [widget.name, widget]));

/** Give the widget of a task type, or null when this page is older than the type. */
export function widgetFor(type: string): SealedWidget | null {
  return byName.get(type) ?? null;
}
