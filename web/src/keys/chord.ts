/** A key with or without Shift, by its place: "KeyU", "Shift+KeyU". And which of them a page must leave alone. */

import { msg, t } from "../words/words";
import { placeOf } from "./layout";

export type Chord = string;

const SHIFT = "Shift+";

export function chordOf(event: Pick<KeyboardEvent, "code" | "shiftKey">): Chord {
  return (event.shiftKey ? SHIFT : "") + placeOf(event.code);
}

export function partsOf(chord: Chord): { code: string; isShifted: boolean } {
  const isShifted = chord.startsWith(SHIFT);
  return { code: isShifted ? chord.slice(SHIFT.length) : chord, isShifted };
}

const ONLY_MODIFIES = /^(Shift|Control|Alt|Meta|OS)(Left|Right)?$|^(CapsLock|NumLock|ScrollLock|Fn|FnLock)$/;

/** Say whether this press is still on the way to a key: Shift alone, say. */
export function isOnlyModifier(code: string): boolean {
  return ONLY_MODIFIES.test(code);
}

/** Why a press cannot become somebody's key, as a sentence; null when it can. */
export function refusalOf(event: KeyboardEvent, command: string | null): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return t("Keys together with Ctrl, Alt or ⌘ belong to the browser and the system.");
  }
  return refusalOfChord(chordOf(event), command);
}

export function isRefused(chord: Chord, command: string | null): boolean {
  return refusalOfChord(chord, command) !== null;
}

const KEPT: readonly (readonly [RegExp, string])[] = [
  [/^Tab$/, msg("Tab moves from field to field, for people who see and people who listen.")],
  [/^Escape$/, msg("Escape closes what is open.")],
  [
    /^(Arrow(Up|Down|Left|Right)|Home|End|PageUp|PageDown)$/,
    msg("The arrows, Home, End and the page keys move and scroll."),
  ],
  [/^F\d{1,2}$/, msg("The F keys belong to the browser.")],
  [/^(Numpad.*|Insert|Delete)$/, msg("This key means different things on different keyboards.")],
];

/** What a page can listen to on every keyboard: letters, digits, punctuation, Backspace; and the space bar, which still
 * presses the button that has the focus. */
const USABLE =
  /^(Space|Digit\d|Key[A-Z]|Minus|Equal|Bracket(Left|Right)|Semicolon|Quote|Comma|Period|Slash|Backslash|Backquote|IntlBackslash|IntlRo|IntlYen|Backspace)$/;

function refusalOfChord(chord: Chord, command: string | null): string | null {
  const { code, isShifted } = partsOf(chord);
  if (code === "Enter") {
    const isItsOwn = command === "submit" && !isShifted;
    return isItsOwn ? null : t("Enter submits, and presses the button that has the focus: it keeps that.");
  }
  const kept = KEPT.find(([pattern]) => pattern.test(code));
  if (kept !== undefined) {
    return t(kept[1]);
  }
  return USABLE.test(code)
    ? null
    : t("The browser does not tell the page of this key, or keeps it for itself.");
}
