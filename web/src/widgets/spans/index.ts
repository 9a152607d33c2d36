import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, draws, initial, keys, problems, reduce, submitted } from "./logic";
import { Render } from "./Render";

export const spans: Widget<Settings, Value, Action> = {
  name: "labelwright/spans",
  arity: "any number",
  initial,
  reduce,
  problems,
  submitted,
  keys,
  draws,
  describe,
  settles: () => false,
  Render,
};
