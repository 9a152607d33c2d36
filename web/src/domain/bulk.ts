/** Accepting in bulk: cards by what the model says, how many a spot check looks at, what an act's check tells. */

import type { BulkAct, BulkCard } from "../api/types";
import { t } from "../words/words";

export interface Group {
  /** The label, as JSON text. */
  key: string;
  value: unknown;
  cards: BulkCard[];
}

/** Cards with the same label together, the largest group first; inside, the order in which they came in. */
export function groupsOf(cards: readonly BulkCard[], question: string): Group[] {
  const found = new Map<string, Group>();
  for (const card of cards) {
    const value = card.shown[question]?.value ?? null;
    const key = JSON.stringify(value);
    const group = found.get(key) ?? { key, value, cards: [] };
    group.cards.push(card);
    found.set(key, group);
  }
  return [...found.values()].sort((a, b) => b.cards.length - a.cards.length);
}

/** The smallest sample of which none being wrong shows, at 95 %, that at most that share of the set is. */
export function sampleSize(n: number, mostWrong: number): number {
  const wrong = Math.floor(mostWrong * n + 1e-9) + 1;
  if (wrong > n) {
    return Math.min(n, 1);
  }
  let noneSeen = 1;
  let size = 0;
  while (noneSeen > 0.05 + 1e-12 && size < n) {
    noneSeen *= (n - wrong - size) / (n - size);
    size += 1;
  }
  return size;
}

export interface Box {
  left: number;
  top: number;
  width: number;
}

/** The card above (-1) or below (1): in the next row, the one whose middle is nearest; the same where there is no row. */
export function cardBeyond(boxes: readonly Box[], at: number, step: -1 | 1): number {
  const here = boxes[at];
  if (here === undefined) {
    return at;
  }
  const beyond = boxes
    .map((box, place) => ({ box, place }))
    .filter(({ box }) => (step === 1 ? box.top > here.top + 1 : box.top < here.top - 1));
  const rows = beyond.map(({ box }) => box.top);
  const row = step === 1 ? Math.min(...rows) : Math.max(...rows);
  const middle = (box: Box): number => box.left + box.width / 2;
  const inRow = beyond.filter(({ box }) => Math.abs(box.top - row) <= 1);
  inRow.sort((a, b) => Math.abs(middle(a.box) - middle(here)) - Math.abs(middle(b.box) - middle(here)));
  return inRow[0]?.place ?? at;
}

const WHY: Readonly<Record<string, () => string>> = {
  unknown: () => t("there is no such item any more"),
  answered: () => t("somebody has answered it meanwhile"),
  gone: () => t("it waits for nobody any more"),
  held: () => t("somebody has it in hand"),
  desk: () => t("it is answered at the desk only"),
  changed: () => t("the model says something else by now"),
};

export const whyWords = (why: string): string => WHY[why]?.() ?? why;

/** What the spot check of an act says so far. */
export function checkWords(act: BulkAct): string {
  if (act.is_rolled_back) {
    return t("Rolled back.");
  }
  const seen = t("{{checked}} of {{n}} drawn are checked, {{wrong}} wrong.", {
    checked: act.n_checked,
    n: act.n_sample,
    wrong: act.n_wrong,
  });
  if (act.n_checked < act.n_sample || act.high === null || act.low === null) {
    return seen;
  }
  const bounds = t("Of all {{n}}, {{low}} to {{high}} are wrong (each bound holds at 95 %).", {
    n: act.n_accepted,
    low: act.low,
    high: act.high,
  });
  return `${seen} ${bounds}`;
}
