/** The keys of a dialog that asks for a reason: a digit chooses one, Enter in the text sends. */

import type { KeyboardEvent } from "react";

export function reasonKeys(
  choices: readonly string[],
  choose: (choice: string) => void,
  send: () => void,
): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.target instanceof HTMLTextAreaElement) {
      if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
        event.preventDefault();
        send();
      }
      return;
    }
    const picked = choices[Number(event.key) - 1];
    if (picked !== undefined) {
      event.preventDefault();
      choose(picked);
    }
  };
}
