import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { csvOf, fileName, plain, svgOf } from "./saving";

test("no cell of the numbers is a formula, and numbers stay numbers", () => {
  const rows = [
    ["=1+1", "+CMD|' /C calc'!A0", "@SUM(A1)", "-2+3", "\tx"],
    ["-5", "+3.5%", "12%", 'say "hi", now', "two\nlines"],
  ];
  const lines = csvOf(["a", "b", "c", "d", "=e"], rows);
  expect(lines.startsWith("\uFEFF")).toBe(true);
  expect(lines.slice(1)).toBe(
    "a,b,c,d,'=e\r\n'=1+1,'+CMD|' /C calc'!A0,'@SUM(A1),'-2+3,'\tx\r\n" +
      '-5,+3.5%,12%,"say ""hi"", now","two\nlines"\r\n',
  );
});

test("a transparent colour is none, and a translucent one is a colour with its opacity", () => {
  expect(plain("rgba(0, 0, 0, 0)")).toEqual({ colour: "none", alpha: null });
  expect(plain("rgba(10, 20, 30, 0.5)")).toEqual({ colour: "rgb(10, 20, 30)", alpha: "0.5" });
  expect(plain("rgb(1, 2, 3)")).toEqual({ colour: "rgb(1, 2, 3)", alpha: null });
});

test("a saved picture stands alone: its name space, its size, its paper, no class, words kept", () => {
  document.body.innerHTML =
    '<svg viewBox="0 0 46 30"><title>T &amp; U</title><g class="a"><path class="b" d="M0 0H9" style="fill: rgb(1, 2, 3)"/></g></svg>';
  const drawn = document.querySelector("svg") as SVGSVGElement;
  // jsdom knows no viewBox.
  Object.defineProperty(drawn, "viewBox", { value: { baseVal: { width: 46, height: 30 } } });
  const text = svgOf(drawn, "#191b1f");
  const read = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  expect(read.getAttribute("width")).toBe("46");
  expect(read.querySelector("rect")?.getAttribute("fill")).toBe("#191b1f");
  expect(read.querySelector("path")?.getAttribute("fill")).toBe("rgb(1, 2, 3)");
  expect(read.querySelector("title")?.textContent).toBe("T & U");
  expect(text).not.toContain("class=");
  expect(drawn.querySelector("path")?.getAttribute("class")).toBe("b");
});

test("a file's name is made of the words", () => {
  expect(fileName("Sentiment: Error ≤ 5%!", "svg")).toBe("sentiment-error-5.svg");
  expect(fileName("…", "csv")).toBe("figure.csv");
});

test("every chart of every page can be saved as a picture and as numbers: a picture is drawn by Figure alone", () => {
  const source = path.resolve(import.meta.dirname, "..");
  const files = fs
    .readdirSync(source, { recursive: true, encoding: "utf-8" })
    .filter((file) => file.endsWith(".tsx") && !file.endsWith(".test.tsx"));
  const drawing = files.filter((file) =>
    /<svg[^>]*role="img"/.test(fs.readFileSync(path.join(source, file), "utf-8")),
  );
  expect(drawing).toEqual([path.join("plots", "Figure.tsx")]);
  const figure = fs.readFileSync(path.join(source, "plots", "Figure.tsx"), "utf-8");
  expect(figure).toContain("Save picture (SVG)");
  expect(figure).toContain("Save numbers (CSV)");
});
