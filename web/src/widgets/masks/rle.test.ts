import { expect, test } from "vitest";
import * as masks from "./logic";
import {
  type Bitmap,
  beginStroke,
  decode,
  decodeCounts,
  encode,
  encodeCounts,
  paintedIn,
  paintLine,
} from "./rle";

const EMPTY = (width: number, height: number): Bitmap => ({ width, height, tiles: new Map() });

test("the text is the one the server reads and writes", () => {
  const counts = [6, 1, 40, 4, 5, 4, 5, 4, 21];
  expect(encodeCounts(counts)).toBe("61X13mN000`0");
  expect(decodeCounts("61X13mN000`0")).toEqual(counts);
  const large = [0, 1, 1_073_676_288, 2, 3, 1_000_000_000, 7];
  expect(decodeCounts(encodeCounts(large))).toEqual(large);
});

test("a bitmap of several tiles comes back from its text", () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  for (let round = 0; round < 20; round += 1) {
    const [width, height] = [1 + Math.floor(random() * 400), 1 + Math.floor(random() * 300)];
    const stroke = beginStroke(EMPTY(width, height));
    for (let line = 0; line < 4; line += 1) {
      const at = () => [random() * width, random() * height] as const;
      paintLine(stroke, at(), at(), random() * 20, line === 3 ? 0 : 1);
    }
    const text = encode(stroke.bitmap);
    expect(decodeCounts(text).reduce((sum, count) => sum + count, 0)).toBe(width * height);
    expect(encode(decode(text, width, height))).toBe(text);
  }
});

test("runs go down the columns, and none first", () => {
  const stroke = beginStroke(EMPTY(3, 2));
  paintLine(stroke, [1.5, 1.5], [1.5, 1.5], 0.6, 1); // the middle column's lower pixel
  expect(decodeCounts(encode(stroke.bitmap))).toEqual([3, 1, 2]);
  paintLine(stroke, [0.5, 0.5], [0.5, 0.5], 0.6, 1);
  expect(decodeCounts(encode(stroke.bitmap))).toEqual([0, 1, 2, 1, 2]);
  expect(paintedIn(encode(stroke.bitmap))).toBe(2);
});

test("a stroke leaves the bitmap before it as it was", () => {
  const first = beginStroke(EMPTY(300, 300));
  paintLine(first, [10, 10], [290, 290], 5, 1);
  const text = encode(first.bitmap);
  const second = beginStroke(first.bitmap);
  paintLine(second, [10, 10], [290, 290], 9, 0);
  expect(paintedIn(encode(second.bitmap))).toBe(0);
  expect(encode(first.bitmap)).toBe(text);
});

test("strokes are kept, taken back and waited for; an erased region is gone", () => {
  const settings: masks.Settings = { labels: ["cat", "dog"] };
  const act = (value: masks.Value, ...actions: masks.Action[]) =>
    actions.reduce<masks.Value>((one, action) => masks.reduce(one, action, settings), value);
  const painted = (counts: string, isEmpty = false): masks.Action => ({
    paint: { size: [2, 3], counts, isEmpty },
  });
  let value = act(null, { label: "dog" }, { begin: true });
  expect(masks.problems(value, settings)[0]?.text).toContain("still being kept");
  value = act(value, painted("312"));
  expect(masks.submitted(value, settings)).toEqual([{ label: "dog", size: [2, 3], counts: "312" }]);
  value = act(value, { begin: true }, painted("222"));
  expect(masks.submitted(value, settings)).toHaveLength(1);
  expect(masks.submitted(act(value, { undoStroke: true }), settings)[0]?.counts).toBe("312");
  expect(masks.submitted(act(value, { begin: true }, painted("6", true)), settings)).toEqual([]);
  value = act(value, { another: true }, { label: "cat" }, { begin: true }, painted("0123"));
  expect(masks.submitted(value, settings).map((one) => one.label)).toEqual(["dog", "cat"]);
  expect(masks.problems(value, settings)).toEqual([]);
});
