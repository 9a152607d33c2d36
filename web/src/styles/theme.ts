import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple } from "@mantine/core";

const accent: MantineColorsTuple = [
  "#e9f6f1",
  "#d9ebe4",
  "#b3d6c8",
  "#8cc4ae",
  "#6cc3a6",
  "#4f9c85",
  "#3d8571",
  "#2f6f5e",
  "#245a4c",
  "#17463a",
];

export const theme = createTheme({
  colors: { accent },
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 4 },
  // Filled buttons take our own two colours, which contrast in light and dark.
  variantColorResolver: (input) =>
    input.variant === "filled"
      ? { background: "var(--accent)", hover: "var(--accent-hover)", color: "var(--card)", border: "none" }
      : defaultVariantColorsResolver(input),
  defaultRadius: "md",
  fontFamily: 'ui-sans-serif, system-ui, "Segoe UI", Inter, "Noto Sans", sans-serif',
  headings: { fontWeight: "620" },
  cursorType: "pointer",
});
