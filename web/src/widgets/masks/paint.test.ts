import { expect, test } from "vitest";
import { changedTiles, type Layer } from "./paint";
import { type Bitmap, beginStroke, paintLine } from "./rle";

const EMPTY: Bitmap = { width: 1000, height: 1000, tiles: new Map() };

function painted(before: Bitmap, x: number, y: number): Bitmap {
  const stroke = beginStroke(before);
  paintLine(stroke, [x, y], [x, y], 3, 1);
  return stroke.bitmap;
}

const layer = (bitmap: Bitmap, isChosen = false, colour = "#112233"): Layer => ({ bitmap, colour, isChosen });

test("only the tiles in which something came or went are drawn anew", () => {
  const first = painted(painted(EMPTY, 10, 10), 500, 10); // tiles 0 and 3 of 8 in a row
  const second = painted(EMPTY, 300, 300); // tile 2 of the third row
  const more = painted(second, 310, 900); // and tile 2 of the eighth
  expect(changedTiles([layer(first), layer(second)], [layer(first), layer(second)])).toEqual(new Set());
  expect(changedTiles([layer(first), layer(second)], [layer(first), layer(more)])).toEqual(new Set([58]));
  expect(changedTiles([layer(first), layer(more)], [layer(first), layer(second)])).toEqual(new Set([58]));
  expect(changedTiles([layer(first)], [layer(first), layer(second)])).toEqual(new Set([18]));
  expect(changedTiles([layer(first)], [layer(first, true)])).toEqual(new Set([0, 3]));
  expect(changedTiles([layer(first)], [layer(first, false, "#445566")])).toEqual(new Set([0, 3]));
});
