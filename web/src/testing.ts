/** Values for tests: whole, small, and told apart by the one thing a test is about. */

import { vi } from "vitest";
import type { Entry, Project, Question, Suggestion } from "./api/types";

export function question(name: string, type: string, ...labels: string[]): Question {
  const settings = { labels: labels.map((value) => ({ value, title: value, description: "" })) };
  return { name, type, title: "", help: "", settings, required: true };
}

export const SENTIMENT = question(
  "sentiment",
  "labelwright/classification",
  "positive",
  "negative",
  "neutral",
);
export const ASPECTS = question("aspects", "labelwright/multilabel", "battery", "screen");

export function project(...questions: Question[]): Project {
  return {
    name: "reviews",
    version: 1,
    schema_version: 1,
    guideline_version: 1,
    instruction: "",
    content_fields: ["text"],
    contents: [],
    questions,
    guideline: { version: 1, text: "" },
    policy: { suggestions: "shown", judged: false, lease_seconds: 600 },
    recorded: false,
    breaks: { minutes: null, items: null },
    assistant: null,
  };
}

export function suggestion(value: unknown, probability: number | null = 0.9): Suggestion {
  const said = { value, probability, model: "m", reasoning: null, confidence_note: null };
  return { ...said, source: "model", prompt: "abcd1234", guideline_version: 1, opinions: [] };
}

export function entry(id: string, questions: readonly Question[] = [SENTIMENT]): Entry {
  return {
    lease: `lease-${id}`,
    expires_at: "2026-01-01T00:00:00Z",
    item: { id, content: { text: `text of ${id}` }, metadata: {}, media: {}, warning: null },
    questions: questions.map((one) => one.name),
    suggestions: null,
    display: "shown",
    first_answers: null,
    reason: null,
    round: 0,
    draft: null,
  };
}

/** Storage that lives as long as the test. */
export function memoryStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    key: (place) => [...kept.keys()][place] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
    clear: () => kept.clear(),
  };
}

/** How many milliseconds something takes at best: a machine that is busy elsewhere is not so each time. */
export function quickest(work: () => unknown, tries = 8): number {
  const took = Array.from({ length: tries }, () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  });
  return Math.min(...took);
}

/** Wait until something holds, however busy the machine is. */
export function eventually(holds: () => unknown): Promise<unknown> {
  return vi.waitFor(holds, { timeout: 60_000, interval: 20 });
}
