/** A figure as files that open elsewhere: the picture as SVG with its colours written out, the numbers as CSV. */

const DRAWN = [
  "opacity",
  "fill-opacity",
  "stroke-opacity",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "font-size",
  "font-weight",
  "text-anchor",
  "paint-order",
] as const;
const COLOURS = ["fill", "stroke"] as const;
/** What a spreadsheet would compute. A plain number may begin with its sign. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(\.\d+)?%?$/;

/** Numbers as CSV (RFC 4180, with a mark that says UTF-8); no cell is a formula. */
export function csvOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, ...rows].map((row) => row.map(cellOf).join(","));
  return `\uFEFF${lines.join("\r\n")}\r\n`;
}

function cellOf(text: string): string {
  const harmless = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A picture on its own: what style sheets say of each part is written beside it, over the paper's colour. */
export function svgOf(drawn: SVGSVGElement, paper: string): string {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const parts = [drawn, ...drawn.querySelectorAll<SVGElement>("*")];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  parts.forEach((part, place) => {
    const written = copies[place];
    if (written !== undefined) {
      dress(written, getComputedStyle(part));
    }
  });
  const { width, height } = drawn.viewBox.baseVal;
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.setAttribute("font-family", "system-ui, sans-serif");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", String(width));
  ground.setAttribute("height", String(height));
  ground.setAttribute("fill", paper);
  const first = [...copy.children].find((part) => !["title", "desc"].includes(part.tagName));
  copy.insertBefore(ground, first ?? null);
  return new XMLSerializer().serializeToString(copy);
}

function dress(written: SVGElement, style: CSSStyleDeclaration): void {
  written.removeAttribute("class");
  if (["svg", "g", "title", "desc"].includes(written.tagName)) {
    const opacity = style.getPropertyValue("opacity");
    if (opacity !== "" && opacity !== "1") {
      written.setAttribute("opacity", opacity);
    }
    return;
  }
  for (const name of DRAWN) {
    const value = style.getPropertyValue(name);
    if (value !== "") {
      written.setAttribute(name, value);
    }
  }
  for (const name of COLOURS) {
    const { colour, alpha } = plain(style.getPropertyValue(name));
    written.setAttribute(name, colour);
    if (alpha !== null) {
      written.setAttribute(`${name}-opacity`, alpha);
    }
  }
}

/** `rgba(…)` as the older programs read it: a colour, and its opacity apart. */
export function plain(value: string): { colour: string; alpha: string | null } {
  const found = /^rgba\((\d+), (\d+), (\d+), ([\d.]+)\)$/.exec(value);
  if (found === null) {
    return { colour: value || "none", alpha: null };
  }
  const [, red, green, blue, alpha] = found;
  return Number(alpha) === 0
    ? { colour: "none", alpha: null }
    : { colour: `rgb(${red}, ${green}, ${blue})`, alpha: alpha ?? null };
}

/** A file's name from words: small letters, digits and dashes. */
export function fileName(words: string, ending: string): string {
  const name = words
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80);
  return `${name || "figure"}.${ending}`;
}

/** Have the browser save a text as a file. */
export function save(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken the file by then; at once would be too soon for some.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
