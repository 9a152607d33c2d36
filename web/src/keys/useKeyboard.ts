import { useEffect, useEffectEvent } from "react";
import type { BoundKey } from "./bindings";
import { chordOf, partsOf } from "./chord";
import { type Command, commandOf } from "./commands";
import { hasOwnEnter, hasOwnSpace, isElsewhere } from "./listen";
import type { Keys } from "./rebind";

interface Handlers {
  keys: Keys;
  /** With single keys off, Enter still submits. */
  usesKeys: boolean;
  onAnswer: (key: BoundKey) => void;
  onCommand: (command: Command) => void;
}

/** Listen to the whole page, so that no field has to be focused first. */
export function useKeyboard({ keys, usesKeys, onAnswer, onCommand }: Handlers): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isElsewhere(event) || event.repeat) {
      return;
    }
    const chord = chordOf(event);
    const answer = keys.keymap.byCode.get(chord);
    const command = answer === undefined ? commandOf(keys.commands, chord, event.key) : null;
    const isSpace = partsOf(chord).code === "Space";
    if (chord === "Enter" ? hasOwnEnter(event) : !usesKeys || (isSpace && hasOwnSpace(event))) {
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
