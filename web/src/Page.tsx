import { useDirection } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
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
  const systemAsksForMore = useMediaQuery("(prefers-contrast: more)", false, {
    getInitialValueInEffect: false,
  });
  const contrast = systemAsksForMore ? "more" : preferences.contrast;
  useEffect(() => {
    if (language !== null) {
      document.documentElement.lang = language;
      setDirection(directionOf(language));
    }
  }, [language, setDirection]);
  useEffect(() => {
    document.documentElement.dataset.contrast = contrast;
  }, [contrast]);
  return language === null ? null : <App key={language} />;
}
