/** The picture of all regions: tiles of a canvas, each drawn anew only when something in it changed. */

import { type Bitmap, TILE, tilesAcross } from "./rle";

export interface Layer {
  bitmap: Bitmap;
  /** "#rrggbb" */
  colour: string;
  isChosen: boolean;
}

/** Give the tiles that differ between two pictures; a bitmap that is painted on in place counts as unchanged. */
export function changedTiles(before: readonly Layer[], after: readonly Layer[]): Set<number> {
  const changed = new Set<number>();
  for (let at = 0; at < Math.max(before.length, after.length); at += 1) {
    const [old, now] = [before[at], after[at]];
    const isSameInk = old?.colour === now?.colour && old?.isChosen === now?.isChosen;
    if (isSameInk && old?.bitmap === now?.bitmap) {
      continue;
    }
    for (const place of [...(old?.bitmap.tiles.keys() ?? []), ...(now?.bitmap.tiles.keys() ?? [])]) {
      if (!isSameInk || old?.bitmap.tiles.get(place) !== now?.bitmap.tiles.get(place)) {
        changed.add(place);
      }
    }
  }
  return changed;
}

/** Draw some tiles of a canvas; later layers lie over earlier ones. isPlain: edges only. */
export function paintTiles(
  canvas: HTMLCanvasElement,
  layers: readonly Layer[],
  places: Iterable<number>,
  isPlain: boolean,
): void {
  const pen = canvas.getContext("2d");
  if (pen === null) {
    return;
  }
  const across = tilesAcross(canvas.width);
  for (const place of places) {
    const [left, top] = [(place % across) * TILE, Math.floor(place / across) * TILE];
    const picture = pen.createImageData(TILE, TILE);
    const words = new Uint32Array(picture.data.buffer);
    for (const { bitmap, colour, isChosen } of layers) {
      const tile = bitmap.tiles.get(place);
      if (tile !== undefined) {
        const word = wordOf(colour, isChosen ? 255 : 170);
        for (let at = 0; at < tile.length; at += 1) {
          if (tile[at] === 1 && !(isPlain && isInner(tile, at))) {
            words[at] = word;
          }
        }
      }
    }
    pen.putImageData(picture, left, top);
  }
}

export function allTiles({ width, height }: { width: number; height: number }): number[] {
  return Array.from({ length: tilesAcross(width) * Math.ceil(height / TILE) }, (_, place) => place);
}

function isInner(tile: Uint8Array, at: number): boolean {
  return [1, -1, TILE, -TILE].every((step) => tile[at + step] !== 0);
}

/** Red, green, blue and opacity in the order of bytes that canvases have everywhere that browsers run. */
function wordOf(colour: string, opacity: number): number {
  const rgb = Number.parseInt(colour.slice(1), 16);
  return ((opacity << 24) | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}
