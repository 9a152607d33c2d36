import { expect, test } from "vitest";
import { entry } from "../testing";
import { readTurns } from "./conversation";
import { framedPage } from "./htmlPage";
import { layoutOf } from "./layoutOf";
import { harmless } from "./MarkdownText";
import { differences } from "./pair";
import { sidesOf } from "./sides";
import { tableOf } from "./table";

const item = (content: Record<string, unknown>, media = {}) => ({ ...entry("a").item, content, media });
const stated = (field: string, more: object = {}) => ({
  field,
  kind: null,
  beside: null,
  title: "",
  settings: {},
  ...more,
});

test("a stated field is read however short it is, as the project says", () => {
  const { glanced, read } = layoutOf(
    item({ text: "long ".repeat(20), note: "**so**", stars: 4 }),
    ["text", "note", "stars"],
    [stated("note", { kind: "markdown", title: "Remark" })],
  );
  expect(glanced.map((field) => field.name)).toEqual(["stars"]);
  expect(read.map(({ name, kind, title }) => [name, kind, title])).toEqual([
    ["text", "text", "text"],
    ["note", "markdown", "Remark"],
  ]);
});

test("two fields side by side are one pair, even where one of them is empty", () => {
  const fields = ["prompt", "answer_a", "answer_b"];
  const said = [stated("answer_a", { kind: "markdown", beside: "answer_b" })];
  const { read } = layoutOf(item({ prompt: "p ".repeat(30), answer_b: "right" }), fields, said);
  expect(read.map((field) => field.kind)).toEqual(["text", "pair"]);
  expect(read[1]).toMatchObject({
    value: "",
    settings: { markdown: true },
    beside: { title: "answer b", value: "right" },
  });
});

test("files are shown as what their names say, where the project does not", () => {
  const url = "/api/v1/projects/r/media/l?field=f&place=0";
  for (const [type, kind] of [
    ["image/png", "image"],
    ["audio/wav", "audio"],
    ["video/mp4", "video"],
    ["application/pdf", "pdf"],
    ["text/plain", "text"],
    [null, "text"],
  ]) {
    const { read } = layoutOf(item({ f: "media/f" }, { f: [{ url, type }] }), ["f"]);
    expect(read[0]?.kind).toBe(kind);
  }
});

test("turns are numbered from 1, tools and parts included", () => {
  const turns = readTurns([
    { role: "System", content: "Be kind." },
    {
      role: "user",
      content: [
        { type: "text", text: "See:" },
        { type: "image_url", image_url: { url: "x" } },
      ],
    },
    { role: "assistant", content: null, tool_calls: [{ name: "look" }] } as never,
    { role: "tool", content: { found: 3 } },
  ]);
  expect(turns.map(({ number, side, text }) => [number, side, text])).toEqual([
    [1, "sets", "Be kind."],
    [2, "asks", "See:"],
    [3, "answers", ""],
    [4, "tool", ""],
  ]);
  expect(turns[1]?.more).toEqual([{ type: "image_url", image_url: { url: "x" } }]);
  expect(turns[2]?.more).toEqual({ tool_calls: [{ name: "look" }] });
  expect(turns[3]?.more).toEqual({ found: 3 });
});

test("the pieces of each side joined are that side's text, and only what differs is marked", () => {
  const [left, right] = ["The lamp gives no light.", "The lamp gives much light, at last."];
  const found = differences(left, right);
  expect(found?.left.map((piece) => piece.text).join("")).toBe(left);
  expect(found?.right.map((piece) => piece.text).join("")).toBe(right);
  expect(found?.left.filter((piece) => piece.differs).map((piece) => piece.text.trim())).toContain("no");
  expect(differences("same", "same")?.left).toEqual([{ text: "same", differs: false }]);
});

test("a pair is two fields, a list of two, or an object of two", () => {
  expect(sidesOf(["x", "y"], "both")?.map((side) => side.title)).toEqual(["A", "B"]);
  expect(sidesOf({ first_draft: "x", second: "y" }, "both")?.map((side) => side.title)).toEqual([
    "first draft",
    "second",
  ]);
  expect(sidesOf("x", "left", { title: "right", value: "y" })?.[1].value).toBe("y");
  expect(sidesOf(["x"], "both")).toBeNull();
  expect(sidesOf("x", "both")).toBeNull();
});

test("records become rows under all the names they have, or under those that are wanted", () => {
  const records = [
    { a: 1, b: "x" },
    { b: "y", c: { d: 1 } },
  ];
  expect(tableOf(records)).toMatchObject({
    columns: ["a", "b", "c"],
    rows: [
      [1, "x", undefined],
      [undefined, "y", { d: 1 }],
    ],
  });
  expect(tableOf(records, ["b", "constructor"])?.rows).toEqual([
    ["x", undefined],
    ["y", undefined],
  ]);
  expect(tableOf([[1, 2], [3]])).toMatchObject({
    columns: ["1", "2"],
    rows: [
      [1, 2],
      [3, undefined],
    ],
  });
  expect(tableOf({ a: 1 })?.rows).toEqual([["a", 1]]);
  expect(tableOf([1, null])?.rows).toEqual([[1], [null]]);
  expect(tableOf("a,b\n1,2")).toBeNull();
});

test("links of a text lead to the web or nowhere, pictures come from the text itself or not at all", () => {
  expect(harmless("https://example.org/a", "href")).toBe("https://example.org/a");
  for (const url of [
    "javascript:alert(1)",
    "data:text/html,x",
    "/logout",
    "//example.org",
    "vbscript:x",
    "file:///etc",
  ]) {
    expect(harmless(url, "href")).toBe("");
    expect(harmless(url, "src")).toBe("");
  }
  expect(harmless("https://example.org/spy.png", "src")).toBe("");
  expect(harmless("data:image/svg+xml;base64,AA", "src")).toBe("");
  expect(harmless("data:image/png;base64,AA", "src")).toBe("data:image/png;base64,AA");
});

test("a framed page keeps what looks like something and nothing that does something", () => {
  const page = framedPage(
    `<title>x</title><style>p{color:red} @import "//e.org/x.css"; </style><script>alert(1)</script>
     <p style="color:blue" onclick="alert(1)" class="a">Text <b>bold</b></p><a href="//e.org">link</a>
     <img src="//e.org/spy.png"><img src="data:image/png;base64,AA" onerror="alert(1)"><svg onload="alert(1)"></svg>
     <form action="//e.org"><input autofocus onfocus="alert(1)"></form><iframe src="//e.org"></iframe>
     <meta http-equiv="refresh" content="0;url=//e.org"><base href="//e.org"><link rel="dns-prefetch" href="//e.org">`,
    "n0nce",
  );
  expect(page).not.toMatch(/alert|e\.org|<script|<iframe|<svg|<base|<link|onclick|href/);
  expect(page).toContain("default-src 'none'; img-src data:; style-src 'nonce-n0nce'");
  expect(page).toContain("<b>bold</b>");
  expect(page).toContain('[data-style="1"] { color:blue }');
  expect(page).toContain('src="data:image/png;base64,AA"');
  expect(page.match(/http-equiv/g)).toHaveLength(1);
});

test("no style sheet ends the frame's own", () => {
  const page = framedPage("<p style='x:\"</style><img src=//e.org>\"'>t</p>", "n");
  expect(page.match(/<\/style>/g)).toHaveLength(1);
});
