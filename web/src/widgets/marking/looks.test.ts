/** Labels can be read in their colours: in the text, on their buttons, in every scheme. */

import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { LOOKS, strokeOf } from "./lanes";

const folder = import.meta.dirname;
const looks = fs.readFileSync(path.join(folder, "marking.module.css"), "utf8");
const tokens = fs.readFileSync(path.join(folder, "../../styles/tokens.css"), "utf8");

/** What a rule sets, wherever it stands in a file. */
function variables(css: string, selector: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, where, body] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    const plain = where
      ?.replace(/\/\*.*?\*\//gs, "")
      .replace(/:global\((.*)\)/, "$1")
      .trim();
    if (plain === selector) {
      for (const [, name, value] of body?.matchAll(/(--[\w-]+):\s*([^;]+);/g) ?? []) {
        found[name as string] = value as string;
      }
    }
  }
  return found;
}

function luminance(colour: string): number {
  const digits =
    colour.length === 4 ? [...colour.slice(1)].map((one) => one + one).join("") : colour.slice(1);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const share = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

test.each([
  ["light", [":root"]],
  ["dark", [":root", ':root[data-mantine-color-scheme="dark"]']],
  ["high contrast", [":root", ':root[data-contrast="more"]']],
  [
    "high contrast, dark",
    [
      ":root",
      ':root[data-mantine-color-scheme="dark"]',
      ':root[data-contrast="more"]',
      ':root[data-contrast="more"][data-mantine-color-scheme="dark"]',
    ],
  ],
])("each label's colour stands out from what is behind it: %s", (_name, selectors) => {
  const set = Object.assign(
    {},
    ...selectors.flatMap((one) => [variables(tokens, one), variables(looks, one)]),
  );
  const more = selectors.some((one) => one.includes("more")) ? 7 : 4.5;
  for (let look = 0; look < LOOKS; look++) {
    for (const [behind, least] of [
      ["--card", more],
      ["--accent-soft", 4.5],
    ] as const) {
      const ratio = contrast(set[`--mark-${look}`], set[behind]);
      expect(ratio, `--mark-${look} on ${behind}`).toBeGreaterThanOrEqual(least);
    }
  }
});

test("labels of one colour differ in their line", () => {
  for (let look = 0; look < LOOKS; look++) {
    expect(strokeOf(look)).not.toBe(strokeOf(look + LOOKS));
  }
});
