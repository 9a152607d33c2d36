/** What a task type shows and how it answers keys. Only the folders beside this file know a type by name. */

import type { ComponentType } from "react";
import type { Item, Suggestion } from "../api/types";

/** Why an answer cannot be submitted yet, as a sentence for the person. */
export interface Reason {
  text: string;
}

/** One thing a key does. Its place in the list is its claim on the keyboard; `keys/allocate` gives the key. */
export interface KeyBinding<Action> {
  action: Action;
  label: string;
  /** The key goes to this part of the question besides: the element whose id is the question's, "/" and this. */
  focuses?: string;
  /** The key that people look for; it is given where nobody has it, else one of the row. */
  preferred?: string;
}

/** What a question is asked about, for actions that go by it: to the next word, to what is suggested. */
export interface Asked {
  item: Item;
  /** The suggested value that may be shown; null = none. */
  suggestion: unknown;
}

export interface RenderProps<Settings, Value, Action> {
  /** Unique on the page; names the fields of the form. */
  id: string;
  /** The question as it is read. */
  title: string;
  item: Item;
  settings: Settings;
  value: Value;
  /** What the model says, or null when there is nothing to be shown. */
  suggestion: Suggestion | null;
  /** What is printed on the key of each binding of `keys(settings)`; null where no key was left. */
  caps: readonly (string | null)[];
  /** What is printed on the key of the page's "accept". */
  acceptCap: string;
  /** The id of the element that says why the answer is not complete, when there is one. */
  describedBy: string | undefined;
  dispatch: (action: Action) => void;
}

export interface Widget<Settings, Value, Action> {
  /** The task type's registered name. */
  name: string;
  /** One word or two beside the question: how many answers it takes. */
  arity: string;
  /** The value before anything was chosen, or the suggestion taken over. */
  initial(settings: Settings, suggestion: Value | null): Value;
  reduce(value: Value, action: Action, settings: Settings, asked: Asked): Value;
  problems(value: Value, settings: Settings): Reason[];
  /** What is sent, where a value holds more than the answer: what is selected, what was begun. */
  submitted?(value: Value, settings: Settings): unknown;
  keys(settings: Settings): KeyBinding<Action>[];
  /** A value in a few words, for the list of what was just done. */
  describe(value: Value, settings: Settings): string;
  /** True when nothing can be added: a page may then submit by itself, if the person wishes so. */
  settles(value: Value, settings: Settings): boolean;
  /** What the page's "accept" does here, where that is more than to take over a suggestion; null = nothing more. */
  accept?(settings: Settings): Action | null;
  /** True where an answer submits by itself, whatever the person prefers elsewhere. */
  advances?(settings: Settings): boolean;
  Render: ComponentType<RenderProps<Settings, Value, Action>>;
  /** The field of the item that the widget itself shows, so that the item does not show it a second time.
   *
   * place: the question's among those shown. A text that a later question shows is read before the first one too.
   */
  draws?(settings: Settings, item: Item, place: number): string | null;
}

/** A widget whose types are its own business: the page hands back what the widget gave. */
// biome-ignore lint/suspicious/noExplicitAny: the page treats settings, values and actions as sealed envelopes
export type SealedWidget = Widget<any, any, any>;

export interface Label {
  value: string;
  title: string;
  description: string;
}

/** A label as settings have it: its name alone, or with title and description. */
export type StatedLabel = Partial<Label> | string | number;

/** Read the labels of a question's settings; a missing title is the value. */
export function labelsOf(settings: { labels?: readonly StatedLabel[] }): Label[] {
  return (settings.labels ?? []).map((stated) => {
    const label: Partial<Label> = typeof stated === "object" ? stated : { value: String(stated) };
    return {
      value: String(label.value ?? ""),
      title: label.title || String(label.value ?? ""),
      description: label.description ?? "",
    };
  });
}
