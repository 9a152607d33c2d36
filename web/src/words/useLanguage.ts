import { useEffect, useState } from "react";
import { type Language, languageFor, speak } from "./words";

/** Speak the language a person chose. Gives the one that is spoken; until its words are here, the one before. */
export function useLanguage(chosen: Language | "auto"): Language | null {
  const wanted = languageFor(chosen, navigator.languages);
  const [language, setLanguage] = useState<Language | null>(null);
  useEffect(() => {
    let isCurrent = true;
    speak(wanted)
      .then(() => wanted)
      .catch((): Language => "en")
      .then((now) => isCurrent && setLanguage(now));
    return () => {
      isCurrent = false;
    };
  }, [wanted]);
  return language;
}
