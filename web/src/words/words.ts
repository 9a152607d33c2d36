/**
 * The page's words in the person's language. The English sentence is the key: what is not translated is read in English.
 *
 *     t("Nothing is waiting for you")
 *     t("{{count}} items left", { count })    // its singular stands in en.json, as "{{count}} items left_one"
 *
 * A sentence that stands in a table made before any language is chosen is marked there, and said when it is shown:
 *
 *     const KEYS = [{ label: msg("Undo") }];    …    t(KEYS[0].label)
 */

import i18next from "i18next";
import english from "./en.json";

/** By its own name, as it stands in the menu. A new language is a line here and a file beside this one. */
export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT: ReadonlySet<Language> = new Set(["ar"]);
const DICTIONARIES: Record<Exclude<Language, "en">, () => Promise<{ default: Record<string, string> }>> = {
  de: () => import("./de.json"),
  ar: () => import("./ar.json"),
};

const words = i18next.createInstance();

void words.init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: english } },
  keySeparator: false,
  nsSeparator: false,
  // React escapes what it draws.
  interpolation: { escapeValue: false },
  initAsync: false,
});

/** Say a sentence in the person's language; `{{name}}` is filled from `values`, and `count` chooses the plural. */
export function t(sentence: string, values: Readonly<Record<string, string | number>> = {}): string {
  const written = asWritten(values);
  return words.t(sentence, directionOf(words.language as Language) === "rtl" ? setApart(written) : written);
}

/** Write a fraction with the point of the language. Whole numbers stay: they choose the plural, and name versions. */
function asWritten(
  values: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string | number>> {
  const isFraction = (value: string | number) => typeof value === "number" && !Number.isInteger(value);
  if (words.language === "en" || !Object.values(values).some(isFraction)) {
    return values;
  }
  const form = new Intl.NumberFormat(spoken(), { maximumFractionDigits: 20, useGrouping: false });
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "number" && !Number.isInteger(value) ? form.format(value) : value,
    ]),
  );
}

/** Keep a name in Latin letters from pulling the marks around it to the wrong side of a sentence read from the right.
 *
 * A date such as 2024-05-14 would even be read from its end.
 */
function setApart(values: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" && /\p{Script=Latin}|\d-\d/u.test(value) ? `\u2068${value}\u2069` : value,
    ]),
  );
}

/** Mark a sentence that is said later. */
export function msg<Sentence extends string>(sentence: Sentence): Sentence {
  return sentence;
}

export function directionOf(language: Language): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}

/** Give the language for a person's choice; "auto" is the first of the browser's that there is. */
export function languageFor(chosen: Language | "auto", browsers: readonly string[]): Language {
  if (chosen !== "auto") {
    return chosen;
  }
  const known = browsers.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find((tag) => tag in LANGUAGES);
  return (known as Language | undefined) ?? "en";
}

/** Speak a language from now on; its words are fetched once. Where they cannot be, the page stays as it is. */
export async function speak(language: Language): Promise<void> {
  if (language !== "en" && !words.hasResourceBundle(language, "translation")) {
    const { default: dictionary } = await DICTIONARIES[language]();
    words.addResourceBundle(language, "translation", dictionary);
  }
  await words.changeLanguage(language);
}

/** The locale of dates: that of the page, where English is read as the browser has it. */
export function localeOfDates(): string | undefined {
  return words.language === "en" ? undefined : spoken();
}

/** The locale that is spoken, for dates and figures. Figures are 0 to 9 in every language, as the server writes them. */
export function spoken(): string {
  return words.language === "ar" ? "ar-u-nu-latn" : (words.language ?? "en");
}
