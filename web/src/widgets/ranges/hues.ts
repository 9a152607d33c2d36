/** A colour for each label, far from its neighbours'; the label's name always stands beside it. */
export function hueOf(labels: readonly { value: string }[], label: string): number {
  const place = labels.findIndex((one) => one.value === label);
  return (160 + Math.max(place, 0) * 137) % 360;
}
