/** All keys that do something in a project, as one table: the help shows it, the dialog changes it. */

import type { Project } from "../api/types";
import { t } from "../words/words";
import { actionName } from "./bindings";
import type { Command } from "./commands";
import { capOf, type Layout } from "./layout";
import type { Keys, Target } from "./rebind";

export interface KeyRow {
  target: Target;
  label: string;
  /** Empty where the keyboard is full. */
  caps: readonly string[];
}

export interface KeySection {
  title: string;
  rows: readonly KeyRow[];
}

export function tableOf(project: Project, { commands, keymap }: Keys, layout: Layout): KeySection[] {
  const questions = project.questions.map((question) => ({
    title: question.title || question.name.replaceAll("_", " "),
    rows: (keymap.byQuestion.get(question.name) ?? []).map(({ action, label, cap }) => ({
      target: { kind: "answer", question: question.name, action: actionName(action) } as const,
      label,
      caps: cap === null ? [] : [cap],
    })),
  }));
  const isThere: Partial<Record<Command, boolean>> = {
    assistant: project.assistant !== null,
    objections: project.policy.judged,
  };
  const here = commands.filter(({ command }) => isThere[command] ?? true);
  const page = here.map(({ command, label, codes }) => ({
    target: { kind: "command", command } as const,
    label,
    caps: codes.map((code) => capOf(code, layout)),
  }));
  return [...questions.filter(({ rows }) => rows.length > 0), { title: t("The page"), rows: page }];
}
