import { useLocalStorage } from "@mantine/hooks";
import { useCallback } from "react";

export interface Preferences {
  /** Submit as soon as nothing can be added to the answer. */
  submitsByItself: boolean;
  /** Single keys answer; off for people whose screen reader or voice control needs them. */
  usesKeys: boolean;
  showsGuideline: boolean;
}

const DEFAULTS: Preferences = { submitsByItself: false, usesKeys: true, showsGuideline: true };

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
