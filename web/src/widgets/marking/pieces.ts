/** Places of several pieces: "left" and "lung" of "left and right lung". Places count code points. */

export interface Range {
  start: number;
  /** Behind the last character. */
  end: number;
}
export interface Place extends Range {
  /** What of it belongs to it, in order, with something between two of them; absent = all. */
  pieces?: readonly Range[] | undefined;
}

export function piecesOf(place: Place): readonly Range[] {
  return place.pieces ?? [place];
}

/** Make a place of pieces in any order; what touches is one. Null = nothing. */
export function placeOf(pieces: readonly Range[]): Place | null {
  const joined: Range[] = [];
  for (const { start, end } of [...pieces].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last.end) {
      last.end = Math.max(last.end, end);
    } else if (start < end) {
      joined.push({ start, end });
    }
  }
  const [first, last] = [joined[0], joined.at(-1)];
  if (first === undefined || last === undefined) {
    return null;
  }
  const hull = { start: first.start, end: last.end };
  return joined.length === 1 ? hull : { ...hull, pieces: joined };
}

/** The place alone, of whatever has one. */
export function placed({ start, end, pieces }: Place): Place {
  return pieces === undefined ? { start, end } : { start, end, pieces };
}

export function isSamePlace(a: Place | null, b: Place | null): boolean {
  if (a === null || b === null) {
    return a === b;
  }
  return a.start === b.start && a.end === b.end && (a.pieces === b.pieces || comparePieces(a, b) === 0);
}

/** Of two places that begin and end alike: which comes first. */
export function comparePieces(a: Place, b: Place): number {
  const [one, other] = [a.pieces ?? [], b.pieces ?? []];
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const difference =
      (one[at]?.start ?? 0) - (other[at]?.start ?? 0) || (one[at]?.end ?? 0) - (other[at]?.end ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return one.length - other.length;
}

/** Whether a character belongs to a place. */
export function holds(place: Place, character: number): boolean {
  return piecesOf(place).some(({ start, end }) => start <= character && character < end);
}

export function shares(a: Place, b: Place): boolean {
  if (a.end <= b.start || b.end <= a.start) {
    return false;
  }
  return piecesOf(a).some((one) => piecesOf(b).some(({ start, end }) => one.start < end && start < one.end));
}

export function liesIn(a: Place, b: Place): boolean {
  return piecesOf(a).every((one) =>
    piecesOf(b).some(({ start, end }) => start <= one.start && one.end <= end),
  );
}

/** The place without the gaps that hold nothing. */
export function closed(place: Place, isNothing: (gap: Range) => boolean): Place {
  const pieces = piecesOf(place).flatMap((one, at, all) => {
    const gap = { start: all[at - 1]?.end ?? one.start, end: one.start };
    return gap.start < gap.end && isNothing(gap) ? [gap, one] : [one];
  });
  return placeOf(pieces) ?? place;
}

export function withRange(place: Place, range: Range): Place | null {
  return placeOf([...piecesOf(place), range]);
}

export function withoutRange(place: Place, { start, end }: Range): Place | null {
  return placeOf(
    piecesOf(place).flatMap((one) => [
      { start: one.start, end: Math.min(one.end, start) },
      { start: Math.max(one.start, end), end: one.end },
    ]),
  );
}

/** The place with its beginning and its end elsewhere: what is then outside is no part of it. */
export function reaching(place: Place, hull: Range): Place {
  const kept = piecesOf(place).filter(({ start, end }) => start < hull.end && hull.start < end);
  const [first, last] = [kept[0], kept.at(-1)];
  if (first === undefined || last === undefined) {
    return placed({ start: hull.start, end: hull.end });
  }
  const within = kept.map((one) => ({
    start: one === first ? hull.start : one.start,
    end: one === last ? hull.end : one.end,
  }));
  return placeOf(within) ?? hull;
}
