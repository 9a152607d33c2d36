import { msg } from "../../words/words";
import { lazily } from "../imaging/lazily";
import type { Widget } from "../widget";
import type { Action, Settings, Value } from "./logic";
import { describe, draws, initial, keys, problems, reduce } from "./logic";

export const text: Widget<Settings, Value, Action> = {
  name: "labelwright/text",
  arity: msg("in your words"),
  initial,
  reduce,
  problems,
  keys,
  draws,
  describe,
  settles: () => false,
  Render: lazily(() => import("./Render")),
};
