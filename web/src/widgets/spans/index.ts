import { msg } from "../../words/words";
import { lazily } from "../imaging/lazily";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, draws, initial, keys, problems, reduce, submitted } from "./logic";

export const spans: Widget<Settings, Value, Action> = {
  name: "labelwright/spans",
  arity: msg("any number"),
  initial,
  reduce,
  problems,
  submitted,
  keys,
  draws,
  describe,
  settles: () => false,
  Render: lazily(() => import("./Render")),
};
