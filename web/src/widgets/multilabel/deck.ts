/** A card for each label, to accept or reject, until all are decided. Pure. */

import type { Asked } from "../widget";
import { labelsOf } from "../widget";
import type { Deck, Settings, Value } from "./value";

export function isCards({ display }: Settings): boolean {
  return display === "cards";
}

export function isDeck(value: Value): value is Deck {
  return value !== null && !Array.isArray(value);
}

/** Where labels are suggested, each of these has a card, and the others can be added; else every label is asked about,
 * in the same order on every item. */
export function deckOf(value: Value, settings: Settings, suggestion: unknown): Deck {
  if (isDeck(value)) {
    return value;
  }
  const names = labelsOf(settings).map((label) => label.value);
  if (value !== null) {
    const decided = Object.fromEntries(names.map((name) => [name, value.includes(name)]));
    return { cards: names, decided, added: [], isThrough: false };
  }
  const suggested = Array.isArray(suggestion) ? names.filter((name) => suggestion.includes(name)) : [];
  return { cards: suggested.length > 0 ? suggested : names, decided: {}, added: [], isThrough: false };
}

/** The labels whose cards are still to be decided; the first is in sight. */
export function openCards({ cards, decided }: Deck): string[] {
  return cards.filter((name) => !(name in decided));
}

export function chosenIn({ decided, added }: Deck): Set<string> {
  return new Set([...Object.keys(decided).filter((name) => decided[name]), ...added]);
}

export function decide(value: Value, isYes: boolean, settings: Settings, asked: Asked | null): Value {
  const deck = deckOf(value, settings, asked?.suggestion);
  const [card] = openCards(deck);
  if (card === undefined) {
    return value;
  }
  const decided = { ...deck.decided, [card]: isYes };
  const isThrough = labelsOf(settings).every((label) => label.value in decided);
  return { ...deck, decided, isThrough };
}

/** A label's own key says yes to its card, changes what was said, or adds a label that has none. */
export function toggled(value: Value, name: string, settings: Settings, asked: Asked | null): Value {
  const deck = deckOf(value, settings, asked?.suggestion);
  if (deck.cards.includes(name)) {
    return { ...deck, decided: { ...deck.decided, [name]: !deck.decided[name] }, isThrough: false };
  }
  const added = deck.added.includes(name) ? deck.added.filter((one) => one !== name) : [...deck.added, name];
  return { ...deck, added, isThrough: false };
}

/** No card is right; a second time, all of them are open again. */
export function noneOf(value: Value, settings: Settings, asked: Asked | null): Value {
  const deck = deckOf(value, settings, asked?.suggestion);
  if (openCards(deck).length === 0 && chosenIn(deck).size === 0) {
    return null;
  }
  const decided = Object.fromEntries(deck.cards.map((name) => [name, false]));
  return { ...deck, decided, added: [], isThrough: false };
}
