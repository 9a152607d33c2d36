import { msg } from "../../words/words";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce } from "./logic";
import { Render } from "./Render";

export const ranking: Widget<Settings, Value, Action> = {
  name: "labelwright/ranking",
  arity: msg("all, in order"),
  initial,
  reduce,
  problems,
  keys,
  describe,
  settles: () => false,
  Render,
};
