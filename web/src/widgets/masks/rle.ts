/**
 * Bitmaps in tiles, and COCO's run lengths: runs of 0 and 1 by turns, down the columns from the left, 0 first, as text.
 * The server reads and writes the same text (tasks/run_lengths.py). Runs in a worker: large images take a while.
 */

export const TILE = 128;

/** tiles: by place (row of tiles times tiles in a row, plus column); one byte a pixel; a missing tile is empty. */
export interface Bitmap {
  width: number;
  height: number;
  tiles: Map<number, Uint8Array>;
}

export function tilesAcross(width: number): number {
  return Math.ceil(width / TILE);
}

export function encodeCounts(counts: readonly number[]): string {
  let text = "";
  counts.forEach((count, place) => {
    let number = count - (place > 2 ? (counts[place - 2] ?? 0) : 0);
    for (let isLast = false; !isLast; ) {
      const bits = number & 0x1f;
      number >>= 5;
      isLast = number === (bits & 0x10 ? -1 : 0);
      text += String.fromCharCode((isLast ? bits : bits | 0x20) + 48);
    }
  });
  return text;
}

export function decodeCounts(text: string): number[] {
  const counts: number[] = [];
  let number = 0;
  let shift = 0;
  for (let place = 0; place < text.length; place += 1) {
    const bits = text.charCodeAt(place) - 48;
    number |= (bits & 0x1f) << shift;
    shift += 5;
    if (!(bits & 0x20)) {
      if (bits & 0x10 && shift < 32) {
        number |= -1 << shift;
      }
      counts.push(number + (counts.length > 2 ? (counts[counts.length - 2] ?? 0) : 0));
      number = 0;
      shift = 0;
    }
  }
  return counts;
}

/** Give the text of a bitmap; only tiles that something was painted in are looked at. */
export function encode({ width, height, tiles }: Bitmap): string {
  const across = tilesAcross(width);
  const rows = Math.ceil(height / TILE);
  const counts = [0];
  let isSet = 0;
  const add = (pixel: number, times: number) => {
    if (pixel !== isSet) {
      counts.push(0);
      isSet = pixel;
    }
    counts[counts.length - 1] = (counts[counts.length - 1] ?? 0) + times;
  };
  for (let x = 0; x < width; x += 1) {
    const column = Math.floor(x / TILE);
    for (let row = 0; row < rows; row += 1) {
      const tile = tiles.get(row * across + column);
      const high = Math.min(TILE, height - row * TILE);
      if (tile === undefined) {
        add(0, high);
      } else {
        for (let y = 0, at = x - column * TILE; y < high; y += 1, at += TILE) {
          add(tile[at] ?? 0, 1);
        }
      }
    }
  }
  return encodeCounts(counts);
}

export function decode(text: string, width: number, height: number): Bitmap {
  const bitmap: Bitmap = { width, height, tiles: new Map() };
  const across = tilesAcross(width);
  let place = 0;
  decodeCounts(text).forEach((count, run) => {
    for (let at = place; run % 2 === 1 && at < place + count; ) {
      const x = Math.floor(at / height);
      const y = at % height;
      const end = Math.min(place + count - at, height - y, TILE - (y % TILE));
      const tile = tileOf(bitmap, Math.floor(y / TILE) * across + Math.floor(x / TILE));
      for (let step = 0, pixel = (y % TILE) * TILE + (x % TILE); step < end; step += 1, pixel += TILE) {
        tile[pixel] = 1;
      }
      at += end;
    }
    place += count;
  });
  return bitmap;
}

function tileOf(bitmap: Bitmap, place: number): Uint8Array {
  const found = bitmap.tiles.get(place) ?? new Uint8Array(TILE * TILE);
  bitmap.tiles.set(place, found);
  return found;
}

/** Say how many pixels a text paints. */
export function paintedIn(text: string): number {
  return decodeCounts(text).reduce((sum, count, run) => sum + (run % 2 === 1 ? count : 0), 0);
}

/** One stroke on a bitmap: the tiles it touches are copied first, so that the bitmap before it stays what it was. */
export interface Stroke {
  bitmap: Bitmap;
  /** The tiles that are its own. */
  touched: Set<number>;
}

export function beginStroke(before: Bitmap): Stroke {
  return { bitmap: { ...before, tiles: new Map(before.tiles) }, touched: new Set() };
}

/** Paint (1) or erase (0) with a round brush from one pixel to another; gives the tiles that changed. */
export function paintLine(
  stroke: Stroke,
  from: readonly [number, number],
  to: readonly [number, number],
  radius: number,
  pixel: 0 | 1,
): Set<number> {
  const { bitmap } = stroke;
  const across = tilesAcross(bitmap.width);
  const [ax, ay] = from;
  const [dx, dy] = [to[0] - ax, to[1] - ay];
  const long = dx * dx + dy * dy;
  const left = Math.max(0, Math.floor(Math.min(ax, to[0]) - radius));
  const right = Math.min(bitmap.width - 1, Math.ceil(Math.max(ax, to[0]) + radius));
  const top = Math.max(0, Math.floor(Math.min(ay, to[1]) - radius));
  const bottom = Math.min(bitmap.height - 1, Math.ceil(Math.max(ay, to[1]) + radius));
  const changed = new Set<number>();
  for (let row = Math.floor(top / TILE); row <= Math.floor(bottom / TILE); row += 1) {
    for (let column = Math.floor(left / TILE); column <= Math.floor(right / TILE); column += 1) {
      const place = row * across + column;
      const before = bitmap.tiles.get(place);
      if (before === undefined && pixel === 0) {
        continue;
      }
      let tile = before;
      if (tile === undefined || !stroke.touched.has(place)) {
        tile = tile === undefined ? new Uint8Array(TILE * TILE) : tile.slice();
        bitmap.tiles.set(place, tile);
        stroke.touched.add(place);
      }
      changed.add(place);
      for (let y = Math.max(top, row * TILE); y <= Math.min(bottom, row * TILE + TILE - 1); y += 1) {
        for (let x = Math.max(left, column * TILE); x <= Math.min(right, column * TILE + TILE - 1); x += 1) {
          // How far the pixel's middle is from the line.
          const [px, py] = [x + 0.5 - ax, y + 0.5 - ay];
          const along = long === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / long));
          const [ox, oy] = [px - along * dx, py - along * dy];
          if (ox * ox + oy * oy <= radius * radius) {
            tile[(y - row * TILE) * TILE + x - column * TILE] = pixel;
          }
        }
      }
    }
  }
  return changed;
}
