import { useLocalStorage } from "@mantine/hooks";
import { useMemo } from "react";
import type { Project, Session } from "../api/types";
import { type ChosenAnswers, keymapOf } from "./bindings";
import { type ChosenCommands, type CommandKey, commandsWith } from "./commands";
import type { Layout } from "./layout";
import { type Choices, type Keys, rebound, type Target, unbound } from "./rebind";
import { useLayout } from "./useLayout";

export interface OwnKeys extends Keys {
  commands: readonly CommandKey[];
  layout: Layout;
  choices: Choices;
  rebind(target: Target, chord: string): void;
  reset(target: Target): void;
  resetAll(): void;
}

/** A person's keys in this browser: for the page's commands everywhere, for answers per project. */
export function useKeys(project: Project, { annotator }: Session): OwnKeys {
  const layout = useLayout();
  const [ownCommands, keepCommands] = useLocalStorage<ChosenCommands>({
    key: `labelwright/keys/${annotator.name}`,
    defaultValue: NOTHING,
    getInitialValueInEffect: false,
    deserialize: (text) => listsIn(text),
  });
  const [ownAnswers, keepAnswers] = useLocalStorage<ChosenAnswers>({
    key: `labelwright/keys/${annotator.name}/${project.name}`,
    defaultValue: NOTHING,
    getInitialValueInEffect: false,
    deserialize: (text) => recordsIn(text),
  });
  const keys = useMemo(() => {
    const commands = commandsWith(ownCommands);
    return { commands, keymap: keymapOf(project.questions, layout, commands, ownAnswers) };
  }, [project.questions, layout, ownCommands, ownAnswers]);
  const choices = { commands: ownCommands, answers: ownAnswers };

  function keep({ commands, answers }: Choices): void {
    keepCommands(commands);
    keepAnswers(answers);
  }

  return {
    ...keys,
    layout,
    choices,
    rebind: (target, chord) => keep(rebound(keys, choices, target, chord)),
    reset: (target) => keep(unbound(choices, target)),
    resetAll: () => keep({ commands: NOTHING, answers: NOTHING }),
  };
}

const NOTHING = {};

/** What another version, another page or a person's own hand left in the storage is no reason to break. */
export function listsIn(text: string | undefined): ChosenCommands {
  const isList = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === "string");
  return entriesIn(text, isList) as ChosenCommands;
}

export function recordsIn(text: string | undefined): ChosenAnswers {
  const isRecord = (value: unknown) =>
    isObject(value) && Object.values(value).every((one) => typeof one === "string");
  return entriesIn(text, isRecord) as ChosenAnswers;
}

function entriesIn(text: string | undefined, isFit: (value: unknown) => boolean): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text ?? "");
    return isObject(read) ? Object.fromEntries(Object.entries(read).filter(([, value]) => isFit(value))) : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
