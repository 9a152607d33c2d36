import type { ContentProps } from "./content";
import { JsonContent } from "./JsonContent";
import { MarkdownText } from "./MarkdownText";

/** `as: markdown`. */
export default function MarkdownContent({ value, isMain, title }: ContentProps) {
  if (typeof value === "object") {
    return <JsonContent value={value} />;
  }
  return <MarkdownText text={String(value)} isMain={isMain} name={title} />;
}
