import { recordingIn } from "../../contents/time/recording";
import { msg } from "../../words/words";
import { lazily } from "../imaging/lazily";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce, submitted } from "./logic";

export const tracks: Widget<Settings, Value, Action> = {
  name: "labelwright/tracks",
  arity: msg("any number"),
  draws: (settings, item) => recordingIn(item, settings.field)?.field ?? null,
  initial,
  reduce,
  problems,
  submitted,
  keys,
  describe,
  settles: () => false,
  Render: lazily(() => import("./Render")),
};
