/**
 * An item's HTML as a page for a frame that can do nothing: what it looks like is kept, what it could do is left out.
 *
 * Three walls, each enough by itself against scripts: the frame's sandbox (no scripts, no forms, an origin of its own), a
 * policy in the page (nothing is fetched), and this reading, which keeps only elements and attributes that say how
 * something looks.
 */

const LEFT_OUT =
  "script, style, link, meta, base, title, iframe, frame, frameset, object, embed, applet, portal, fencedframe, svg, " +
  "math, template, noscript, audio, video, source, track, param, area, map, dialog, canvas";

const KEPT = new Set(
  (
    "class id title alt lang dir role colspan rowspan headers scope align valign width height border cellpadding " +
    "cellspacing bgcolor color face size start reversed datetime span nowrap open"
  ).split(" "),
);
const IMAGE = /^data:image\/(png|jpe?g|gif|webp|avif|bmp);base64,/i;

/** nonce: of the page's own policy, which the frame inherits: by it the item's styles are drawn. */
export function framedPage(html: string, nonce: string): string {
  const read = new DOMParser().parseFromString(html, "text/html");
  const rules = [...read.querySelectorAll("style")].map((style) => style.textContent ?? "");
  for (const element of read.querySelectorAll(LEFT_OUT)) {
    element.remove();
  }
  let styled = 0;
  for (const element of read.body.querySelectorAll("*")) {
    const style = element.getAttribute("style");
    for (const { name } of [...element.attributes]) {
      if (!isKept(element, name)) {
        element.removeAttribute(name);
      }
    }
    if (style !== null) {
      styled += 1;
      element.setAttribute("data-style", String(styled));
      rules.push(`[data-style="${styled}"] { ${style} }`);
    }
  }
  // Nothing in a style sheet needs a tag's end, and nothing is imported by it.
  const css = rules
    .join("\n")
    .replaceAll("</", "")
    .replaceAll(/@import[^;]*;?/gi, "");
  const policy = `default-src 'none'; img-src data:; style-src 'nonce-${nonce}'; form-action 'none'; base-uri 'none'`;
  return (
    `<!doctype html><html><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${policy}">` +
    `<style nonce="${nonce}">${BASE}\n${css}</style></head><body>${read.body.innerHTML}</body></html>`
  );
}

const BASE =
  ":root { color-scheme: light; background: #fff; color: #1c2024 } " +
  "body { margin: 12px; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere } img { max-width: 100% }";

function isKept(element: Element, name: string): boolean {
  if (name === "src") {
    return element.tagName === "IMG" && IMAGE.test(element.getAttribute("src") ?? "");
  }
  return KEPT.has(name) || name.startsWith("aria-");
}
