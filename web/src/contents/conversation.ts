/** A conversation's turns as they are drawn: who speaks, in which part, and what is said besides. */

import type { Turn } from "./layoutOf";

export type Side = "asks" | "answers" | "sets" | "tool";

export interface ReadTurn {
  /** Counted from 1: its address, for the annotator and for answers that name a turn. */
  number: number;
  role: string;
  side: Side;
  /** The texts of the turn, joined; "" where it has none. */
  text: string;
  /** What else it holds: a tool's call, parts that are no text. Null = nothing. */
  more: unknown;
}

const SIDES: Readonly<Record<string, Side>> = {
  assistant: "answers",
  model: "answers",
  bot: "answers",
  system: "sets",
  developer: "sets",
  tool: "tool",
  function: "tool",
};

export function readTurns(turns: readonly Turn[]): ReadTurn[] {
  return turns.map((turn, place) => {
    const { role, content, ...others } = turn;
    const { text, more } = readContent(content);
    const further = Object.keys(others).length > 0 ? others : null;
    return {
      number: place + 1,
      role,
      side: SIDES[role.toLowerCase()] ?? "asks",
      text,
      more: further && more !== null ? { ...further, content: more } : (further ?? more),
    };
  });
}

/** Texts come plain, or as parts with a type beside pictures and the like. */
function readContent(content: unknown): { text: string; more: unknown } {
  if (typeof content === "string" || content === null) {
    return { text: content ?? "", more: null };
  }
  if (!Array.isArray(content)) {
    return { text: "", more: content };
  }
  const texts = content.map((part) =>
    typeof part === "string" ? part : typeof part?.text === "string" ? part.text : null,
  );
  const others = content.filter((_, place) => texts[place] === null);
  return {
    text: texts.filter((text) => text !== null).join("\n\n"),
    more: others.length > 0 ? others : null,
  };
}
