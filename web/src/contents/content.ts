/** What every content is given. One file per content; the registry alone knows them by name. */

import type { ComponentType } from "react";
import type { Item, Project } from "../api/types";

/** How the project says a field is shown. */
export type StatedField = Project["contents"][number];

export interface ContentProps {
  item: Item;
  /** The field's name; its media are `mediaOf(item, field)`. */
  field: string;
  /** What the field holds: never null. It may be anything, so each content shows what it cannot read as it is. */
  value: unknown;
  /** What the field is called, for the heading and for ears. */
  title: string;
  /** The content's own settings, as project.yaml has them. */
  settings: Readonly<Record<string, unknown>>;
  /** Read first: it may be set larger. */
  isMain: boolean;
  /** What stands beside it, where the project says so. */
  beside?: { field: string; value: unknown; title: string };
}

export type Content = ComponentType<ContentProps>;
