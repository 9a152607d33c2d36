import { lazily } from "../imaging/lazily";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce, submitted } from "./logic";

export const polygons: Widget<Settings, Value, Action> = {
  name: "labelwright/polygons",
  arity: "any number",
  initial,
  reduce,
  problems,
  submitted,
  keys,
  describe,
  settles: () => false,
  Render: lazily(() => import("./Render")),
};
