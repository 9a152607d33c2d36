/** The keyboard by place (`KeyboardEvent.code`), so that every layout has the same keys under the same fingers. */

/** What is printed on each key, where the browser tells; else null. */
export type Layout = ReadonlyMap<string, string> | null;

export const ROWS: readonly (readonly string[])[] = [
  [..."1234567890"].map((digit) => `Digit${digit}`).concat("Minus", "Equal"),
  [..."QWERTYUIOP"].map((letter) => `Key${letter}`).concat("BracketLeft", "BracketRight"),
  [..."ASDFGHJKL"].map((letter) => `Key${letter}`).concat("Semicolon", "Quote"),
  [..."ZXCVBNM"].map((letter) => `Key${letter}`).concat("Comma", "Period"),
];

const PRINTED: Record<string, string> = {
  Minus: "-",
  Equal: "=",
  BracketLeft: "[",
  BracketRight: "]",
  Semicolon: ";",
  Quote: "'",
  Comma: ",",
  Period: ".",
  Slash: "/",
  Backslash: "\\",
  Backquote: "`",
  IntlBackslash: "<",
  Backspace: "⌫",
  Space: "␣",
};

/** Give what is printed on a key: the person's own layout where the browser tells, else the US one. */
export function capOf(chord: string, layout: Layout): string {
  if (chord === "Shift+Slash") {
    // The question mark is looked for by what it is, wherever a layout puts it.
    return "?";
  }
  return chord.startsWith("Shift+")
    ? `⇧${printedOn(chord.slice("Shift+".length), layout)}`
    : printedOn(chord, layout);
}

function printedOn(code: string, layout: Layout): string {
  if (code.startsWith("Digit")) {
    // AZERTY types "&" here, but the cap says 1 as well, and 1 is what people look for.
    return code.slice("Digit".length);
  }
  const printed = layout?.get(code);
  if (printed !== undefined && printed.trim() !== "") {
    return printed.toLocaleUpperCase();
  }
  return PRINTED[code] ?? code.replace(/^Key/, "");
}

/** The number pad's digits are digits. */
export function placeOf(code: string): string {
  return code.replace(/^Numpad(\d)$/, "Digit$1").replace("NumpadEnter", "Enter");
}
