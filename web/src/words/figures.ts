/** Figures as the person's language writes them: 0.5 is 0,5 in German, and 5% is 5 %. */

import { spoken } from "./words";

/** A number with so many places behind its point. */
export function decimal(value: number, digits: number): string {
  return formatOf("decimal", digits, digits).format(value);
}

/** A number with as many places as it needs, of so many at most. */
export function upTo(value: number, digits: number): string {
  return formatOf("decimal", 0, digits).format(value);
}

/** A share as percent: with so many places, or with at most so many. */
export function percentage(share: number, digits = 0, least = digits): string {
  return formatOf("percent", least, digits).format(share);
}

const formats = new Map<string, Intl.NumberFormat>();

/** Making one costs more than using it a hundred times. */
function formatOf(style: "decimal" | "percent", least: number, most: number): Intl.NumberFormat {
  const key = `${spoken()} ${style} ${least} ${most}`;
  const known = formats.get(key);
  if (known) {
    return known;
  }
  const made = new Intl.NumberFormat(spoken(), {
    style,
    minimumFractionDigits: least,
    maximumFractionDigits: most,
    // Without a separator of thousands, as these figures have always been written.
    useGrouping: false,
  });
  formats.set(key, made);
  return made;
}
