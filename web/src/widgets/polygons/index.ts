import { msg } from "../../words/words";
import { fieldOf } from "../imaging/imageOf";
import { lazily } from "../imaging/lazily";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce, submitted } from "./logic";

export const polygons: Widget<Settings, Value, Action> = {
  name: "labelwright/polygons",
  arity: msg("any number"),
  initial,
  reduce,
  problems,
  submitted,
  keys,
  describe,
  settles: () => false,
  draws: (settings, item, place) => (place === 0 ? fieldOf(settings, item) : null),
  Render: lazily(() => import("./Render")),
};
