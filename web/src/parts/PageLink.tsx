import type { ComponentProps, MouseEvent } from "react";
import { navigate } from "../session/useRoute";

/** A way to another page of ours: a click stays in the tab, and with Ctrl, ⌘ or Shift it opens as any link does. */
export function PageLink({ href, ...rest }: ComponentProps<"a"> & { href: string }) {
  return (
    <a
      href={href}
      onClick={(event: MouseEvent) => {
        if (!event.metaKey && !event.ctrlKey && !event.shiftKey) {
          event.preventDefault();
          navigate(href);
        }
      }}
      {...rest}
    />
  );
}
