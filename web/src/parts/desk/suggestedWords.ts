import { percentage } from "../../words/figures";
import { t } from "../../words/words";

/** "suggested 71%", or without the figure where none is known. */
export function suggestedWords(probability: number | null): string {
  return probability === null
    ? t("suggested")
    : t("suggested {{probability}}", { probability: percent(probability) });
}

/** A share as whole percent; neither end is claimed unless it is exact. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (rounded === 100 && share < 1) {
    return `>\u00a0${percentage(0.99)}`;
  }
  if (rounded === 0 && share > 0) {
    return `<\u00a0${percentage(0.01)}`;
  }
  return percentage(rounded / 100);
}
