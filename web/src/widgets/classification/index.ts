import { msg } from "../../words/words";
import type { Widget } from "../widget";
import { isCard } from "./cards";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce } from "./logic";
import { Render } from "./Render";

export const classification: Widget<Settings, Value, Action> = {
  name: "labelwright/classification",
  arity: msg("one"),
  initial,
  reduce,
  problems,
  keys,
  describe,
  settles: (value) => typeof value === "string",
  accept: (settings) => (isCard(settings) ? { accept: true } : null),
  advances: isCard,
  Render,
};
