import { msg } from "../../words/words";
import type { Widget } from "../widget";
import { isCards, isDeck } from "./deck";
import type { Action, Settings, Value } from "./logic";
import { describe, initial, keys, problems, reduce, submitted } from "./logic";
import { Render } from "./Render";

export const multilabel: Widget<Settings, Value, Action> = {
  name: "labelwright/multilabel",
  arity: msg("any number"),
  initial,
  reduce,
  problems,
  keys,
  describe,
  settles: (value) => value !== null && isDeck(value) && value.isThrough,
  submitted,
  accept: (settings) => (isCards(settings) ? { accept: true } : null),
  advances: isCards,
  Render,
};
