import { msg } from "../../words/words";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce } from "./logic";
import { Render } from "./Render";

export const multilabel: Widget<Settings, Value, Action> = {
  name: "labelwright/multilabel",
  arity: msg("any number"),
  initial,
  reduce,
  problems,
  keys,
  describe,
  settles: () => false,
  Render,
};
