import type { ContentProps } from "./content";
import { JsonContent } from "./JsonContent";
import { TextContent } from "./TextContent";

/** `as: text`: as it was written, line breaks kept. */
export function PlainText({ value, isMain, title }: ContentProps) {
  if (typeof value === "object") {
    return <JsonContent value={value} />;
  }
  return <TextContent text={String(value)} isMain={isMain} name={title} />;
}
