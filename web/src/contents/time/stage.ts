/** What plays and what is in sight, shared by a recording, its timeline and whoever marks in it. */

import { useSyncExternalStore } from "react";
import { between, CLOSEST, type Extent, following, panned, zoomed } from "./view";

/** What a sound, a film or a series lets others do with it. */
export interface Player {
  seek(time: number): void;
  play?(): void;
  pause?(): void;
  setRate?(rate: number): void;
  /** Draw this stretch. */
  show?(view: Extent): void;
}

export interface StageState {
  /** Null until the length is known. */
  whole: Extent | null;
  view: Extent;
  time: number;
  isPlaying: boolean;
  rate: number;
  loop: Extent | null;
  problem: string | null;
}

export const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3] as const;

export interface Stage {
  get(): StageState;
  subscribe(listener: () => void): () => void;
  /** A player has come, and knows its length. closest: the least share of the whole that it can draw. */
  ready(player: Player, whole: Extent, closest?: number): void;
  fail(problem: string): void;
  gone(): void;
  /** Told by the player. */
  moved(time: number, isPlaying: boolean): void;
  seek(time: number): void;
  toggle(): void;
  pause(): void;
  rate(by: -1 | 1): void;
  zoom(factor: number, about?: number): void;
  pan(share: number): void;
  look(view: Extent): void;
  fit(extent: Extent | null): void;
  /** Play a stretch, once or over and over; null = go on without. */
  loop(extent: Extent | null): void;
}

const NOTHING: Extent = { from: 0, to: 1 };

export function createStage(): Stage {
  let state: StageState = {
    whole: null,
    view: NOTHING,
    time: 0,
    isPlaying: false,
    rate: 1,
    loop: null,
    problem: null,
  };
  let player: Player | null = null;
  let limit = CLOSEST;
  const listeners = new Set<() => void>();

  function set(change: Partial<StageState>): void {
    state = { ...state, ...change };
    for (const listener of listeners) {
      listener();
    }
  }

  function look(view: Extent): void {
    if (view.from !== state.view.from || view.to !== state.view.to) {
      set({ view });
      player?.show?.(view);
    }
  }

  function seek(time: number): void {
    if (state.whole !== null) {
      const to = between(state.whole.from, time, state.whole.to);
      set({ time: to });
      player?.seek(to);
      look(following(state.view, state.whole, to));
    }
  }

  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ready(given, whole, closest = CLOSEST) {
      player = given;
      limit = closest;
      set({ whole, view: whole, time: whole.from, isPlaying: false, problem: null });
      player.setRate?.(state.rate);
    },
    fail: (problem) => set({ problem, isPlaying: false }),
    gone() {
      player = null;
      set({ whole: null, isPlaying: false, loop: null });
    },
    moved(time, isPlaying) {
      const { loop, whole, view } = state;
      if (loop !== null && isPlaying && time >= loop.to) {
        player?.seek(loop.from);
        set({ time: loop.from, isPlaying });
        return;
      }
      if (isPlaying || state.isPlaying) {
        // While nothing plays the stage knows best: players tell of a seek late, and not to the last digit.
        set({ time, isPlaying });
      }
      if (isPlaying && whole !== null) {
        look(following(view, whole, time));
      }
    },
    seek,
    look,
    toggle() {
      if (state.isPlaying) {
        player?.pause?.();
      } else {
        player?.play?.();
      }
    },
    pause: () => player?.pause?.(),
    rate(by) {
      const place = RATES.findIndex((one) => one >= state.rate);
      const rate = RATES[between(0, place + by, RATES.length - 1)] ?? 1;
      set({ rate });
      player?.setRate?.(rate);
    },
    zoom(factor, about = state.time) {
      const { view, whole } = state;
      if (whole !== null) {
        const isSeen = view.from <= about && about <= view.to;
        look(zoomed(view, whole, factor, isSeen ? about : (view.from + view.to) / 2, limit));
      }
    },
    pan: (share) => state.whole && look(panned(state.view, state.whole, share)),
    fit(extent) {
      const { whole } = state;
      if (whole !== null) {
        const { from, to } = extent ?? whole;
        // A quarter on each side, and never closer than can be drawn.
        const factor = extent === null ? 1 : ((to - from) * 1.5) / (whole.to - whole.from);
        const closer = zoomed(whole, whole, factor, (from + to) / 2, limit);
        look(
          panned(
            closer,
            whole,
            ((from + to) / 2 - (closer.from + closer.to) / 2) / (closer.to - closer.from),
          ),
        );
      }
    },
    loop(extent) {
      set({ loop: extent });
      if (extent !== null) {
        seek(extent.from);
        player?.play?.();
      }
    },
  };
}

/** Read a part of the stage's state; drawn anew only when that part changes. */
export function useStage<T>(stage: Stage, part: (state: StageState) => T): T {
  return useSyncExternalStore(stage.subscribe, () => part(stage.get()));
}
