/** What the page's own keys do. The help overlay, the dialog for changing keys and the keyboard read this one table. */

import { msg, t } from "../words/words";
import { type Chord, isRefused } from "./chord";
import { ROWS } from "./layout";

export type Command =
  | "submit"
  | "undo"
  | "redo"
  | "skip"
  | "flag"
  | "guideline"
  | "assistant"
  | "objections"
  | "accept"
  | "suggestions"
  | "reasoning"
  | "opinion"
  | "uncover"
  | "reject"
  | "help";

export interface CommandKey {
  command: Command;
  /** The first is the one that is shown and changed. */
  codes: readonly Chord[];
  label: string;
}

/** The keys as they are before anybody changes them. */
export const COMMANDS: readonly CommandKey[] = [
  { command: "submit", codes: ["Enter"], label: msg("Submit and go on") },
  { command: "undo", codes: ["KeyU", "Backspace"], label: msg("Take back the last submission") },
  { command: "redo", codes: ["Shift+KeyU"], label: msg("Submit again what was taken back") },
  { command: "skip", codes: ["KeyS"], label: msg("Skip this item, with a reason") },
  { command: "flag", codes: ["KeyF"], label: msg("Flag this item, or comment on it") },
  { command: "accept", codes: ["KeyA"], label: msg("Take over what is suggested, where nothing is chosen") },
  { command: "suggestions", codes: ["KeyH"], label: msg("Hide or show suggestions") },
  { command: "reasoning", codes: ["KeyM"], label: msg("Why the model says so") },
  { command: "opinion", codes: ["Shift+KeyA"], label: msg("Answer as the next of several models does") },
  { command: "reject", codes: ["Shift+KeyX"], label: msg("Empty what the model has filled in") },
  { command: "uncover", codes: ["Shift+KeyV"], label: msg("Show what is covered") },
  { command: "guideline", codes: ["KeyG"], label: msg("Guideline") },
  { command: "assistant", codes: ["Shift+KeyG"], label: msg("Ask about this item") },
  { command: "objections", codes: ["Shift+KeyO"], label: msg("What the model says against your answers") },
  { command: "help", codes: ["Shift+Slash"], label: msg("All keys") },
];

/** No answer takes these by itself. */
export const RESERVED: ReadonlySet<Chord> = new Set(COMMANDS.flatMap((command) => command.codes));

/** What a person chose instead, by command. */
export type ChosenCommands = Partial<Record<Command, readonly Chord[]>>;

/** Give the table with a person's own keys: never one key for two commands, and each command has one. */
export function commandsWith(chosen: ChosenCommands): readonly CommandKey[] {
  const taken = new Set<Chord>();
  const claim = (codes: readonly Chord[], command: Command) =>
    codes.filter((code) => {
      const isFree = !taken.has(code) && !isRefused(code, command);
      return isFree && taken.add(code);
    });
  const own = new Map(COMMANDS.map(({ command }) => [command, claim(chosen[command] ?? [], command)]));
  for (const { command, codes } of COMMANDS) {
    if (own.get(command)?.length === 0 || command === "submit") {
      // Enter stays with submitting whatever else does: forms and habits count on it.
      own.set(command, [...(own.get(command) ?? []), ...claim(codes, command)]);
    }
  }
  return COMMANDS.map(({ command, label }) => {
    const codes = own.get(command) ?? [];
    return { command, label: t(label), codes: codes.length > 0 ? codes : claim(firstFree(taken), command) };
  });
}

/** Give the command of a key, or null. `key` catches layouts on which "?" sits elsewhere. */
export function commandOf(commands: readonly CommandKey[], chord: Chord, key: string): Command | null {
  const found = commands.find((command) => command.codes.includes(chord));
  return found?.command ?? (key === "?" ? "help" : null);
}

function firstFree(taken: ReadonlySet<Chord>): Chord[] {
  return ROWS.flat()
    .filter((code) => !taken.has(code))
    .slice(-1);
}
