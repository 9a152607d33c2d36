import { useDirection } from "@mantine/core";
import { useEffect } from "react";
import { App } from "./App";
import { usePreferences } from "./session/usePreferences";
import { useLanguage } from "./words/useLanguage";
import { directionOf } from "./words/words";

/** The app in the person's language, its direction and its contrast. Another language draws everything anew. */
export function Page() {
  const [preferences] = usePreferences();
  const language = useLanguage(preferences.language);
  const { setDirection } = useDirection();
  useEffect(() => {
    if (language !== null) {
      document.documentElement.lang = language;
      setDirection(directionOf(language));
    }
  }, [language, setDirection]);
  useEffect(() => {
    document.documentElement.dataset.contrast = preferences.contrast;
  }, [preferences.contrast]);
  return language === null ? null : <App key={language} />;
}
