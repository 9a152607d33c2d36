import { msg } from "../../words/words";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce } from "./logic";
import { Render } from "./Render";

export const preference: Widget<Settings, Value, Action> = {
  name: "labelwright/preference",
  arity: msg("one"),
  initial,
  reduce,
  problems,
  keys,
  describe,
  settles: (value, settings) => value !== null && problems(value, settings).length === 0,
  Render,
};
