import { useEffect, useState } from "react";
import type { Layout } from "./layout";

interface KeyboardWithLayout {
  getLayoutMap(): Promise<ReadonlyMap<string, string>>;
}

/** The person's keyboard layout, where the browser tells (Chromium); else null. */
export function useLayout(): Layout {
  const [layout, setLayout] = useState<Layout>(null);
  useEffect(() => {
    const keyboard = (navigator as Navigator & { keyboard?: KeyboardWithLayout }).keyboard;
    // A browser that will not tell leaves the US caps in place; the keys work by position either way.
    keyboard?.getLayoutMap().then(setLayout, () => {});
  }, []);
  return layout;
}
