import { msg } from "../../words/words";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce } from "./logic";
import { Render } from "./Render";

export const rating: Widget<Settings, Value, Action> = {
  name: "labelwright/rating",
  arity: msg("one"),
  initial,
  reduce,
  problems,
  keys,
  describe,
  settles: (value) => value !== null,
  Render,
};
