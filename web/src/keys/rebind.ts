/** Changing keys: who has which, and what a choice changes. Pure; `useKeys` keeps the result. */

import { actionName, type ChosenAnswers, type Keymap } from "./bindings";
import { type Chord, partsOf } from "./chord";
import { type ChosenCommands, COMMANDS, type Command, type CommandKey } from "./commands";
import { ROWS } from "./layout";

/** What a key can be for: a command of the page, or an answer by its question and `actionName`. */
export type Target =
  | { kind: "command"; command: Command }
  | { kind: "answer"; question: string; action: string };

export interface Choices {
  commands: ChosenCommands;
  answers: ChosenAnswers;
}

/** The keys as they stand. */
export interface Keys {
  commands: readonly CommandKey[];
  keymap: Keymap;
}

export interface Holder {
  target: Target;
  label: string;
}

/** Give what a key does now, or null when it is free. */
export function holderOf({ commands, keymap }: Keys, chord: Chord): Holder | null {
  const answer = keymap.byCode.get(chord);
  if (answer !== undefined) {
    const target = { kind: "answer", question: answer.question, action: actionName(answer.action) } as const;
    return { target, label: answer.label };
  }
  const found = commands.find((command) => command.codes.includes(chord));
  return found ? { target: { kind: "command", command: found.command }, label: found.label } : null;
}

export function isSame(one: Target, other: Target): boolean {
  return nameOf(one) === nameOf(other);
}

export function nameOf(target: Target): string {
  return target.kind === "command" ? target.command : `${target.question}/${target.action}`;
}

/** Give the choices after `target` took `chord`; whoever had it gets the target's own in exchange. */
export function rebound(keys: Keys, choices: Choices, target: Target, chord: Chord): Choices {
  const holder = holderOf(keys, chord);
  const own = firstOf(keys, target);
  const taken = chosen(choices, target, withFirst(keys, target, chord));
  if (holder === null || isSame(holder.target, target)) {
    return taken;
  }
  // Without a key to give in exchange (or only Enter, which stays), the other gets a free one.
  const given = own === null || own === "Enter" ? [] : [own];
  const left = codesOf(keys, holder.target).flatMap((code) => (code === chord ? given : [code]));
  const isBare = left.length === 0 && holder.target.kind === "command";
  return chosen(taken, holder.target, isBare ? [freeChord(keys, chord)] : left);
}

/** Give a key that does nothing yet: where the keyboard is full, the same one with Shift. */
function freeChord(keys: Keys, chord: Chord): Chord {
  const plain = ROWS.flat();
  const shifted = [chord, ...plain].map((code) => `Shift+${partsOf(code).code}`);
  return [...plain, ...shifted].find((one) => one !== chord && holderOf(keys, one) === null) ?? chord;
}

/** Give the choices without the one for `target`. */
export function unbound(choices: Choices, target: Target): Choices {
  return chosen(choices, target, []);
}

export function isChanged(choices: Choices, target: Target): boolean {
  return target.kind === "command"
    ? choices.commands[target.command] !== undefined
    : choices.answers[target.question]?.[target.action] !== undefined;
}

function codesOf({ commands, keymap }: Keys, target: Target): readonly Chord[] {
  if (target.kind === "command") {
    return commands.find((one) => one.command === target.command)?.codes ?? [];
  }
  const bound = keymap.byQuestion.get(target.question) ?? [];
  const code = bound.find((key) => actionName(key.action) === target.action)?.code;
  return code ? [code] : [];
}

function firstOf(keys: Keys, target: Target): Chord | null {
  return codesOf(keys, target)[0] ?? null;
}

function withFirst(keys: Keys, target: Target, chord: Chord): readonly Chord[] {
  const codes = codesOf(keys, target);
  const others = codes.includes(chord) ? codes.filter((code) => code !== chord) : codes.slice(1);
  return [chord, ...others];
}

/** No codes: back to what the page gives by itself. */
function chosen(choices: Choices, target: Target, codes: readonly Chord[]): Choices {
  if (target.kind === "command") {
    const { [target.command]: _, ...others } = choices.commands;
    const standard = COMMANDS.find((one) => one.command === target.command)?.codes ?? [];
    const isStandard = codes.length === standard.length && codes.every((code, at) => code === standard[at]);
    const commands = codes.length === 0 || isStandard ? others : { ...others, [target.command]: codes };
    return { ...choices, commands };
  }
  const { [target.action]: _, ...others } = choices.answers[target.question] ?? {};
  const [code] = codes;
  const question = code === undefined ? others : { ...others, [target.action]: code };
  return { ...choices, answers: { ...choices.answers, [target.question]: question } };
}
