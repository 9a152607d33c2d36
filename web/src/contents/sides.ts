/** The two sides of a pair, wherever the item has them. */

export interface Side {
  title: string;
  value: unknown;
}

/** Two fields side by side, or one field with a list of two or an object of two. Null: it is no pair. */
export function sidesOf(
  value: unknown,
  title: string,
  beside?: { value: unknown; title: string },
): readonly [Side, Side] | null {
  if (beside) {
    return [{ title, value }, beside];
  }
  if (typeof value !== "object" || value === null) {
    return null;
  }
  const found = Array.isArray(value)
    ? value.map((one, place) => ({ title: "AB"[place] ?? "", value: one as unknown }))
    : Object.entries(value).map(([name, one]) => ({
        title: name.replaceAll("_", " "),
        value: one as unknown,
      }));
  const [first, second, ...others] = found;
  return first && second && others.length === 0 ? [first, second] : null;
}
