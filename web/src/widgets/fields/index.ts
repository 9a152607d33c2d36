import { msg } from "../../words/words";
import { lazily } from "../imaging/lazily";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce, submitted } from "./logic";

export const fields: Widget<Settings, Value, Action> = {
  name: "labelwright/fields",
  arity: msg("a form"),
  initial,
  reduce,
  problems,
  submitted,
  keys,
  describe,
  settles: () => false,
  Render: lazily(() => import("./Render")),
};
