import { useLocalStorage } from "@mantine/hooks";
import { useCallback } from "react";
import type { Language } from "../words/words";

export interface Preferences {
  /** Submit as soon as nothing can be added to the answer. */
  submitsByItself: boolean;
  /** Single keys answer; off for people whose screen reader or voice control needs them. */
  usesKeys: boolean;
  showsGuideline: boolean;
  /** Items with a warning are covered first. */
  coversItems: boolean;
  /** Minutes of work before a break is suggested: null = as the project says, 0 = never. */
  breakMinutes: number | null;
  /** "auto": as the browser says. */
  language: Language | "auto";
  /** "auto": as the system says. */
  contrast: "auto" | "more";
}

const DEFAULTS: Preferences = {
  submitsByItself: false,
  usesKeys: true,
  showsGuideline: true,
  coversItems: true,
  breakMinutes: null,
  language: "auto",
  contrast: "auto",
};

/** What a person likes, kept in this browser. */
export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  const [kept, keep] = useLocalStorage<Partial<Preferences>>({
    key: "labelwright/preferences",
    defaultValue: DEFAULTS,
    getInitialValueInEffect: false,
  });
  const preferences = { ...DEFAULTS, ...kept };
  const change = useCallback(
    (chosen: Partial<Preferences>) => keep((before) => ({ ...DEFAULTS, ...before, ...chosen })),
    [keep],
  );
  return [preferences, change];
}
