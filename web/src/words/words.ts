/**
 * The page's words in the person's language. The English sentence is the key: what is not translated is read in English.
 *
 *     t("Nothing is waiting for you")
 *     t("{{count}} items left", { count })    // its singular stands in en.json, as "{{count}} items left_one"
 */

import i18next from "i18next";
import english from "./en.json";

export const LANGUAGES = { en: "English" } as const;
export type Language = keyof typeof LANGUAGES;
export type Words = Readonly<Record<string, string>>;

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
  return words.t(sentence, values);
}
