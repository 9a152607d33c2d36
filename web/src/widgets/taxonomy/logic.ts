/** Choose a place in a tree of labels. */

import { t } from "../../words/words";
import type { Choice } from "../choosing/find";
import type { KeyBinding, Reason } from "../widget";

export type StatedPlace =
  | string
  | number
  | { value: string; title?: string; description?: string; children?: readonly StatedPlace[] };

export interface Settings {
  tree: readonly StatedPlace[];
  leaf_only?: boolean;
}
/** The names from a root down. */
export type Value = readonly string[] | null;
export type Action = { choose: readonly string[] } | { find: true } | { browse: true };

export interface Place {
  path: readonly string[];
  title: string;
  description: string;
  children: readonly Place[];
  isAnswer: boolean;
}

export function placesOf({ tree, leaf_only = true }: Settings): Place[] {
  const read = (stated: readonly StatedPlace[], above: readonly string[]): Place[] =>
    stated.map((one) => {
      const place = typeof one === "object" ? one : { value: String(one) };
      const path = [...above, String(place.value)];
      const children = read(place.children ?? [], path);
      return {
        path,
        title: place.title || String(place.value),
        description: place.description ?? "",
        children,
        isAnswer: children.length === 0 || !leaf_only,
      };
    });
  return read(tree, []);
}

/** A tree of one level is a list, and shown as one. */
export function hasLevels(settings: Settings): boolean {
  return placesOf(settings).some((place) => place.children.length > 0);
}

/** Every place that may be chosen, as one list to search in; its value is the path as JSON. */
export function answersOf(settings: Settings): Choice[] {
  const listed = (places: readonly Place[], above: string): Choice[] =>
    places.flatMap((place) => {
      const title = above + place.title;
      const own = { value: JSON.stringify(place.path), title, description: place.description };
      return [...(place.isAnswer ? [own] : []), ...listed(place.children, `${title} › `)];
    });
  return listed(placesOf(settings), "");
}

/** The columns to show: the roots, and what is below each place of the path. */
export function columnsOf(settings: Settings, path: readonly string[]): Place[][] {
  const columns = [placesOf(settings)];
  for (const name of path) {
    const here = columns.at(-1)?.find((place) => place.path.at(-1) === name);
    if (!here || here.children.length === 0) {
      break;
    }
    columns.push([...here.children]);
  }
  return columns;
}

export function initial(settings: Settings, suggestion: Value): Value {
  return Array.isArray(suggestion) && isAnswer(settings, suggestion) ? suggestion : null;
}

export function reduce(value: Value, action: Action, settings: Settings): Value {
  return "choose" in action && isAnswer(settings, action.choose) ? action.choose : value;
}

export function problems(value: Value): Reason[] {
  return value === null ? [{ text: t("Choose one place of the tree.") }] : [];
}

export function keys(settings: Settings): KeyBinding<Action>[] {
  const find: KeyBinding<Action> = {
    action: { find: true },
    label: t("find a label by typing"),
    focuses: "find",
    preferred: "Slash",
  };
  const browse: KeyBinding<Action> = {
    action: { browse: true },
    label: t("go through the tree"),
    focuses: "browse",
  };
  return hasLevels(settings) ? [find, browse] : [find];
}

export function describe(value: Value, settings: Settings): string {
  return value === null ? "–" : titlesOf(settings, value).join(" › ");
}

export function titlesOf(settings: Settings, path: readonly string[]): string[] {
  const columns = columnsOf(settings, path);
  return path.map((name, level) => columns[level]?.find((one) => one.path.at(-1) === name)?.title ?? name);
}

function isAnswer(settings: Settings, path: readonly string[]): boolean {
  const place = columnsOf(settings, path.slice(0, -1))[path.length - 1]?.find(
    (one) => one.path.at(-1) === path.at(-1),
  );
  return place?.isAnswer ?? false;
}
