import { useEffect, useState } from "react";

/** Give the focus back to what had it when this was opened, as dialogs do, or to the section around it where that is off now. */
export function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // What is open is still there now, and has the focus.
      window.setTimeout(() => {
        if (isLost() && opener instanceof HTMLElement) {
          opener.focus({ preventScroll: true });
          const around = opener.closest<HTMLElement>("section, main");
          if (isLost() && around !== null) {
            around.tabIndex = -1;
            around.focus({ preventScroll: true });
          }
        }
      });
    },
    [opener],
  );
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
