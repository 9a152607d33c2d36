/** What keys do while a recording or a series has the focus. One table: the page listens by it and explains it. */

import type { Stage } from "./stage";
import { stepOf } from "./view";

interface Press {
  key: string;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

/** Do what a key says; false where it says nothing here. fps: of a film.  least: the smallest step there is. */
export function pressed(stage: Stage, event: Press, fps: number | null = null, least = 0): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return false;
  }
  const { view, whole, time } = stage.get();
  const step = stepOf(view, least);
  if (event.shiftKey && /^Arrow|^Home$|^End$/.test(event.key)) {
    return false;
  }
  switch (event.key) {
    case " ":
      stage.toggle();
      return true;
    case "ArrowLeft":
      stage.seek(time - step);
      return true;
    case "ArrowRight":
      stage.seek(time + step);
      return true;
    case "Home":
      stage.seek(whole?.from ?? 0);
      return true;
    case "End":
      stage.seek(whole?.to ?? 0);
      return true;
    case "PageUp":
      stage.pan(-0.8);
      return true;
    case "PageDown":
      stage.pan(0.8);
      return true;
    case "+":
    case "=":
      stage.zoom(0.5);
      return true;
    case "-":
      stage.zoom(2);
      return true;
    case "<":
      stage.rate(-1);
      return true;
    case ">":
      stage.rate(1);
      return true;
    case ",":
    case ".":
    case "d":
    case "f":
      if (fps === null) {
        return false;
      }
      stepFrames(stage, fps, event.key === "." || event.key === "f" ? 1 : -1);
      return true;
    default:
      return false;
  }
}

/** Stop, and show another picture. */
export function stepFrames(stage: Stage, fps: number, by: number): void {
  stage.pause();
  stage.seek(frameTime(frameAt(stage.get().time, fps) + by, fps));
}

/** The frame that is shown at a moment. */
export function frameAt(time: number, fps: number): number {
  return Math.max(0, Math.floor(time * fps + 1e-3));
}

/** A moment inside a frame: its middle, so that rounding never shows the neighbour. */
export function frameTime(frame: number, fps: number): number {
  return (Math.max(0, frame) + 0.5) / fps;
}
