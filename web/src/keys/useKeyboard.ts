import { useEffect, useEffectEvent } from "react";
import type { BoundKey, Keymap } from "./bindings";
import { type Command, commandOf } from "./commands";
import { placeOf } from "./layout";
import { hasOwnEnter, isElsewhere } from "./listen";

interface Handlers {
  keymap: Keymap;
  /** With single keys off, Enter still submits. */
  usesKeys: boolean;
  onAnswer: (key: BoundKey) => void;
  onCommand: (command: Command) => void;
}

/** Listen to the whole page, so that no field has to be focused first. */
export function useKeyboard({ keymap, usesKeys, onAnswer, onCommand }: Handlers): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isElsewhere(event) || event.repeat) {
      return;
    }
    const place = placeOf(event.code);
    const answer = event.shiftKey ? undefined : keymap.byCode.get(place);
    const command = answer === undefined ? commandOf(place, event.shiftKey, event.key) : null;
    if (command === "submit" ? hasOwnEnter(event) : !usesKeys) {
      return;
    }
    if (answer !== undefined) {
      event.preventDefault();
      onAnswer(answer);
    } else if (command !== null) {
      event.preventDefault();
      onCommand(command);
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}
