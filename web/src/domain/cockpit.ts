/** What a limit on wrong labels gives and costs, read off the ladder that the server climbed. */

import type { Cockpit, CockpitQuestion, CockpitRung } from "../api/types";
import { msg, spoken, t } from "../words/words";

export interface Weighed {
  rung: CockpitRung;
  /** Answers people would still give. */
  labels: number;
  /** Null: the project has no timed answer yet. */
  seconds: number | null;
  /** In USD; null: time or wage is not known. */
  cost: number | null;
  byHand: { labels: number; seconds: number | null; cost: number | null };
}

const NEARLY = 1e-9;

/** The place of the highest rung that promises no more than a limit allows; the lowest where none does. */
export function placeOf(rungs: readonly CockpitRung[], limit: number): number {
  let place = 0;
  rungs.forEach((rung, at) => {
    if (rung.target_error <= limit + NEARLY) {
      place = at;
    }
  });
  return place;
}

export function frozenPlace(rungs: readonly CockpitRung[]): number {
  return Math.max(
    0,
    rungs.findIndex((rung) => rung.is_frozen),
  );
}

export function weigh(cockpit: Cockpit, question: CockpitQuestion, rung: CockpitRung): Weighed {
  const of = (labels: number) => {
    const seconds = cockpit.seconds_per_answer === null ? null : labels * cockpit.seconds_per_answer;
    const wage = cockpit.wage_per_hour;
    return { labels, seconds, cost: seconds === null || wage === null ? null : (seconds / 3600) * wage };
  };
  return { rung, ...of(rung.n_labels), byHand: of(question.n_by_hand) };
}

/** What somebody typed as a limit: "5", "2.5 %" or "2,5"; null when it is none. */
export function readLimit(typed: string): number | null {
  const found = /^\s*(\d{1,2}(?:[.,]\d{1,4})?)\s*%?\s*$/.exec(typed);
  const percent = Number((found?.[1] ?? "").replace(",", "."));
  return found === null || percent <= 0 || percent >= 100 ? null : percent / 100;
}

/** Of the items that go to people, how many they have answered already; nothing to say where it is none. */
export function answeredAlready(n: number): string {
  return n === 0 ? "" : t(" (answered already: {{n}})", { n: n.toLocaleString(spoken()) });
}

/** A limit as it is typed: 0.05 is "5". */
export function percentOf(limit: number): string {
  return String(Number((limit * 100).toFixed(4)));
}

/** The limit as project.yaml writes it. */
export function yamlOf(limit: number): string {
  return String(Number(limit.toFixed(6)));
}

export function timeWords(seconds: number | null): string {
  if (seconds === null) {
    return t("not known");
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) {
    return seconds === 0 ? t("no time") : t("under a minute");
  }
  if (minutes < 60) {
    return t("{{minutes}} min", { minutes });
  }
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return hours >= 10 || rest === 0
    ? t("{{hours}} h", { hours: Math.round(minutes / 60) })
    : t("{{hours}} h {{minutes}} min", { hours, minutes: rest });
}

/** A predicted label in a few words, whatever its type. */
export function labelWords(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return value.length === 0 ? t("none") : value.join(", ");
  }
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

const COUNTED = {
  item: msg("{{n}} items"),
  "more item": msg("{{n}} more items"),
  "labelled item": msg("{{n}} labelled items"),
  answer: msg("{{n}} answers"),
  check: msg("{{n}} checks"),
  decision: msg("{{n}} decisions"),
};

/** So many of something; singular and plural stand in the language's file. */
export function counted(count: number, what: keyof typeof COUNTED): string {
  return t(COUNTED[what], { count, n: count.toLocaleString(spoken()) });
}
