/** A colour for each label, the same wherever it is shown. The label's name always stands beside it. */

/** Apart from each other for most kinds of colour blindness, and dark enough for white letters (4.5 : 1). */
const COLOURS = [
  "#1b6ac9",
  "#b34700",
  "#00785a",
  "#a3268f",
  "#6b5bd2",
  "#8a6100",
  "#c22f3d",
  "#3d6b1f",
] as const;

export function colourOf(label: string, labels: readonly { value: string }[]): string {
  const place = labels.findIndex((one) => one.value === label);
  return COLOURS[Math.max(place, 0) % COLOURS.length] ?? COLOURS[0];
}
