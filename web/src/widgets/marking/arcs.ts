/** Where arcs between marks are drawn: above the lines of the text, each in a level that it shares with none it meets. */

/** An arc from one mark to another, by their places among all. */
export interface DrawnArc {
  key: string;
  from: number;
  to: number;
  caption: string;
  /** Its type's place in the schema. */
  look: number;
  isSuggested: boolean;
}

/** Where the name of a mark stands: an arc begins and ends there. */
export interface Chip {
  line: number;
  left: number;
  right: number;
}

/** A line of the text as far as it may be written. */
export interface Line {
  left: number;
  right: number;
  isRtl: boolean;
}

/** The part of an arc that lies over one line. */
export interface Bar {
  arc: DrawnArc;
  line: number;
  /** 0 is next to the text. */
  level: number;
  /** Where it comes from and where it goes; whether that is a mark's name, or the line's edge where the arc goes on. */
  from: { x: number; isEdge: boolean };
  to: { x: number; isEdge: boolean };
  caption: string;
  /** Its middle. */
  captionAt: number;
  captionWidth: number;
}

/** Between two that lie in one level. */
const APART = 10;
const STUB = 40;
/** More arcs than this are not drawn to the edge of a line: they would be all one sees. */
const MANY = 12;

interface Draft extends Bar {
  least: number;
  most: number;
  /** How far an end that is cut short lies from the mark; 0 = it is not. */
  stub: number;
}

interface Layout {
  chips: ReadonlyMap<number, Chip>;
  lines: readonly Line[];
  /** Where a mark begins in the text, for those out of sight. */
  startOf: (mark: number) => number;
  /** What a mark is called where its arc goes on in another line; "" = nothing. */
  numberOf: (mark: number) => string;
  widthOf: (caption: string) => number;
}

/** Cut the arcs into bars over lines and give each its level; an arc with no end in sight has none. */
export function barsOf(arcs: readonly DrawnArc[], layout: Layout): Bar[] {
  const drafts = arcs.flatMap((arc) => draftsOf(arc, layout, arcs.length > MANY));
  spread(drafts, layout.chips);
  for (const draft of drafts) {
    measure(draft, layout);
  }
  for (const line of new Set(drafts.map((draft) => draft.line))) {
    settle(drafts.filter((draft) => draft.line === line));
  }
  return drafts.map(({ least: _, most: __, stub: ___, ...bar }) => bar);
}

/** How many levels lie over each line. */
export function levelsOf(bars: readonly Bar[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { line, level } of bars) {
    found.set(line, Math.max(found.get(line) ?? 0, level + 1));
  }
  return found;
}

function draftsOf(
  arc: DrawnArc,
  { chips, lines, startOf, numberOf, widthOf }: Layout,
  isMany: boolean,
): Draft[] {
  const [from, to] = [chips.get(arc.from), chips.get(arc.to)];
  const bar = (line: number, ends: Pick<Bar, "from" | "to">, caption: string, stub = 0): Draft => ({
    arc,
    line,
    level: 0,
    ...ends,
    caption,
    captionAt: 0,
    captionWidth: widthOf(caption),
    least: 0,
    most: 0,
    stub,
  });
  if (from !== undefined && to !== undefined && from.line === to.line) {
    const ends = { from: { x: middle(from), isEdge: false }, to: { x: middle(to), isEdge: false } };
    return [bar(from.line, ends, arc.caption)];
  }
  // Over several lines an arc runs out of one and comes into the other; each part names the mark at its other end.
  const part = (chip: Chip | undefined, other: Chip | undefined, mark: number, far: number): Draft[] => {
    const line = chip && lines[chip.line];
    if (chip === undefined || line === undefined) {
      return [];
    }
    const goesOn = other === undefined ? startOf(far) > startOf(mark) : other.line > chip.line;
    const caption = `${arc.caption} ${numberOf(far)}`.trim();
    const side = goesOn === !line.isRtl ? 1 : -1;
    const here = { x: middle(chip), isEdge: false };
    const there = { x: side > 0 ? line.right : line.left, isEdge: true };
    const ends = mark === arc.from ? { from: here, to: there } : { from: there, to: here };
    return [bar(chip.line, ends, caption, isMany ? side * (STUB + widthOf(caption)) : 0)];
  };
  return [...part(from, to, arc.from, arc.to), ...part(to, from, arc.to, arc.from)];
}

/** Let the arcs of one mark leave it side by side, so that none crosses another on its way up. */
function spread(drafts: readonly Draft[], chips: ReadonlyMap<number, Chip>): void {
  const leaving = new Map<number, { end: { x: number }; other: number }[]>();
  for (const { arc, from, to } of drafts) {
    for (const [mark, end, other] of [
      [arc.from, from, to],
      [arc.to, to, from],
    ] as const) {
      if (!end.isEdge) {
        leaving.set(mark, [...(leaving.get(mark) ?? []), { end, other: other.x }]);
      }
    }
  }
  for (const [mark, ends] of leaving) {
    const chip = chips.get(mark);
    if (chip !== undefined) {
      const at = middle(chip);
      const away = ({ other }: { other: number }) => Math.abs(other - at);
      // From left to right: those that go left, the near ones first; then those that go right, the far ones first.
      const [left, right] = [ends.filter(({ other }) => other < at), ends.filter(({ other }) => other >= at)];
      const ordered = [
        ...left.toSorted((a, b) => away(a) - away(b)),
        ...right.toSorted((a, b) => away(b) - away(a)),
      ];
      ordered.forEach(({ end }, place) => {
        end.x = chip.left + ((chip.right - chip.left) * (place + 1)) / (ordered.length + 1);
      });
    }
  }
}

function measure(draft: Draft, { lines }: Layout): void {
  const { from, to, captionWidth } = draft;
  const line = lines[draft.line];
  if (draft.stub !== 0) {
    const [edge, anchor] = from.isEdge ? [from, to] : [to, from];
    edge.x = Math.max(line?.left ?? 0, Math.min(line?.right ?? edge.x, anchor.x + draft.stub));
  }
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  const half = captionWidth / 2;
  const wanted = (left + right) / 2;
  // A name that is longer than its arc stays within the line.
  const [least, most] = [(line?.left ?? 0) + half, (line?.right ?? wanted) - half];
  draft.captionAt = most < least ? wanted : Math.max(least, Math.min(most, wanted));
  draft.least = Math.min(left, draft.captionAt - half);
  draft.most = Math.max(right, draft.captionAt + half);
}

/** The shortest lie lowest. */
function settle(drafts: readonly Draft[]): void {
  const levels: Draft[][] = [];
  for (const draft of drafts.toSorted((a, b) => a.most - a.least - (b.most - b.least))) {
    const meets = (other: Draft) => draft.least < other.most + APART && other.least < draft.most + APART;
    // Not below one that it spans: its ends would cut through that.
    const above = levels.findLastIndex((level) => level.some(meets)) + 1;
    draft.level = above;
    levels[above] = [...(levels[above] ?? []), draft];
  }
}

function middle({ left, right }: Chip): number {
  return (left + right) / 2;
}
