/** The dashboard's figures as the page draws them. */

import type { Dashboard, HourCount } from "../api/types";
import { msg, t } from "../words/words";

export interface Day {
  /** `2026-11-05`, in the reader's time zone. */
  date: string;
  /** 24 counts. */
  hours: number[];
}

export const MOST_DAYS = 21;

/** Lay counts by UTC hour out as days of the reader's time zone, the days between included, the newest last. */
export function daysOf(counts: readonly HourCount[], most = MOST_DAYS): Day[] {
  const days = new Map<string, number[]>();
  for (const { hour, n } of counts) {
    const at = new Date(`${hour}:00:00Z`);
    const date = dateOf(at);
    const hours = days.get(date) ?? new Array<number>(24).fill(0);
    hours[at.getHours()] = (hours[at.getHours()] ?? 0) + n;
    days.set(date, hours);
  }
  const last = [...days.keys()].sort().at(-1);
  const first = [...days.keys()].sort()[0];
  if (last === undefined || first === undefined) {
    return [];
  }
  const found: Day[] = [];
  // Noon, so that a change of the clocks moves no date.
  for (let at = new Date(`${last}T12:00:00`); found.length < most; at.setDate(at.getDate() - 1)) {
    const date = dateOf(at);
    if (date < first) {
      break;
    }
    found.unshift({ date, hours: days.get(date) ?? new Array<number>(24).fill(0) });
  }
  return found;
}

function dateOf(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

const CALIBRATION: Record<string, string> = {
  none: msg("No sample is drawn yet."),
  planned: msg("People are labelling the blind sample."),
  labelled: msg("The blind sample is labelled; the certificates are due."),
  certified: msg("The certificates are out and hold."),
  "nothing certified": msg("The certificates are out; nothing may be accepted unseen."),
  void: msg("The certificates are void"),
};

export function calibrationWords({ state, void_because }: Dashboard["calibration"]): string {
  const words = t(CALIBRATION[state] ?? state);
  return void_because.length === 0 ? words : `${words}: ${void_because.join("; ")}.`;
}
