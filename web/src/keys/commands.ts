/** What the page's own keys do. The help overlay and the keyboard read this one table. */

export type Command =
  | "submit"
  | "undo"
  | "skip"
  | "guideline"
  | "accept"
  | "suggestions"
  | "reasoning"
  | "help";

export interface CommandKey {
  command: Command;
  /** The first is the one that is shown. */
  codes: readonly string[];
  needsShift?: true;
  label: string;
}

export const COMMANDS: readonly CommandKey[] = [
  { command: "submit", codes: ["Enter"], label: "Submit and go on" },
  { command: "undo", codes: ["KeyU", "Backspace"], label: "Take back the last submission" },
  { command: "skip", codes: ["KeyS"], label: "Skip this item, with a reason" },
  { command: "accept", codes: ["KeyA"], label: "Take over what is suggested, where nothing is chosen" },
  { command: "suggestions", codes: ["KeyH"], label: "Hide or show suggestions" },
  { command: "reasoning", codes: ["KeyM"], label: "Why the model says so" },
  { command: "guideline", codes: ["KeyG"], label: "Guideline" },
  { command: "help", codes: ["Slash"], needsShift: true, label: "All keys" },
];

/** No answer may take these. */
export const RESERVED: ReadonlySet<string> = new Set(COMMANDS.flatMap((command) => command.codes));

/** Give the command of a key, or null. `key` catches layouts on which "?" sits elsewhere. */
export function commandOf(code: string, isShifted: boolean, key: string): Command | null {
  if (key === "?") {
    return "help";
  }
  const found = COMMANDS.find((command) => command.codes.includes(code));
  if (found === undefined || (found.needsShift === true && !isShifted) || (!found.needsShift && isShifted)) {
    return null;
  }
  return found.command;
}
