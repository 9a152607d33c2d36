/**
 * Every content there is, by the name that `as:` has in project.yaml. A new one adds a file and a line here, and its name
 * to `CONTENTS` in src/labelwright/domain/contents.py.
 *
 * All but the plainest come with the first item that shows one, so that the page's first load stays small.
 */

import { type ComponentType, lazy } from "react";
import type { Content, ContentProps, StatedField } from "./content";
import { JsonValue } from "./JsonContent";
import { PlainText } from "./PlainText";

type Fetch = () => Promise<{ default: ComponentType<ContentProps> }>;

const FETCHED: Readonly<Record<string, Fetch>> = {
  markdown: () => import("./MarkdownContent"),
  conversation: () => import("./ConversationContent"),
  pair: () => import("./PairContent"),
  table: () => import("./TableContent"),
  image: () => import("./ImageContent"),
  audio: () => import("./TimeContent"),
  series: () => import("./TimeContent"),
  video: () => import("./TimeContent"),
  pdf: () => import("./PdfContent"),
  html: () => import("./HtmlContent"),
};

const CONTENTS: ReadonlyMap<string, Content> = new Map<string, Content>([
  ["text", PlainText],
  ["json", JsonValue],
  ...Object.entries(FETCHED).map(([name, fetch]) => [name, lazy(fetch)] as const),
]);

/** Give the content of that name; one that this page is too old for is shown as it is. */
export function contentFor(kind: string): Content {
  return CONTENTS.get(kind) ?? JsonValue;
}

/** Fetch what a project's fields will need before its first item comes. */
export function fetchContents(stated: readonly StatedField[]): void {
  for (const { kind, beside } of stated) {
    FETCHED[beside ? "pair" : (kind ?? "")]?.().catch(() => {});
  }
}
