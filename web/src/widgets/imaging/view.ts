/**
 * Which part of an image is seen. All places are shares of the upright image, from its upper left corner: what a
 * camera wrote about turning (EXIF) is obeyed first, so a place means what people see.
 */

export interface Spot {
  x: number;
  y: number;
}

/** x, y: the upper left corner of what is seen.  zoom: 1 = the whole image. */
export interface View extends Spot {
  zoom: number;
}

export const WHOLE: View = { zoom: 1, x: 0, y: 0 };
export const MOST_ZOOM = 40;
export const ZOOM_STEP = 1.25;

/** Where a place of the image is, as a share of the window; outside 0 to 1 it is not seen. */
export function placed(view: View, spot: Spot): Spot {
  return { x: (spot.x - view.x) * view.zoom, y: (spot.y - view.y) * view.zoom };
}

/** The place of the image at a place of the window, both as shares; never outside the image. */
export function spotAt(view: View, at: Spot): Spot {
  return { x: between(0, view.x + at.x / view.zoom, 1), y: between(0, view.y + at.y / view.zoom, 1) };
}

/** Zoom by a factor, so that what is under `at` (a share of the window) stays there. */
export function zoomed(view: View, factor: number, at: Spot = { x: 0.5, y: 0.5 }): View {
  const zoom = between(1, view.zoom * factor, MOST_ZOOM);
  const spot = spotAt(view, at);
  return inside({ zoom, x: spot.x - at.x / zoom, y: spot.y - at.y / zoom });
}

/** Move what is seen with a hand that moves by shares of the window. */
export function panned(view: View, by: Spot): View {
  return inside({ ...view, x: view.x - by.x / view.zoom, y: view.y - by.y / view.zoom });
}

/** Move as little as shows this place. */
export function showing(view: View, spot: Spot): View {
  const seen = 1 / view.zoom;
  const near = (from: number, value: number) => between(value - seen * 0.95, from, value - seen * 0.05);
  return inside({ ...view, x: near(view.x, spot.x), y: near(view.y, spot.y) });
}

function inside(view: View): View {
  const most = 1 - 1 / view.zoom;
  return { zoom: view.zoom, x: between(0, view.x, most), y: between(0, view.y, most) };
}

export function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

/** To a millionth of the image, as the server keeps it. */
export function rounded(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}
