/** Nothing is forgotten: each sentence of the page is in each finished language, and none is shown past `t()`. */

import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import arabic from "./ar.json";
import german from "./de.json";
import english from "./en.json";

type Dictionary = Readonly<Record<string, string>>;

/** A language joins here when it is complete; from then on a sentence that it lacks fails. */
const COMPLETE: Readonly<Record<string, Dictionary>> = { ar: arabic, de: german };

/** Names, and what a person types as it stands: the same in every language. */
const SAME_EVERYWHERE: ReadonlySet<string> = new Set([
  "Labelwright",
  "project.yaml",
  "YAML",
  "http://…/join#…",
]);
/** What stands in these is a command or a piece of a file. */
const VERBATIM: ReadonlySet<string> = new Set(["code", "kbd", "pre"]);
/** Attributes that people read or hear, of elements and of the page's own components. */
const SPOKEN_ATTRIBUTES: ReadonlySet<string> = new Set([
  "aria-label",
  "aria-description",
  "aria-roledescription",
  "aria-valuetext",
  "alt",
  "caption",
  "description",
  "label",
  "placeholder",
  "title",
  "words",
]);
/** i18next's ends of a key that stands for one plural form. */
const PLURAL = /_(zero|one|two|few|many|other)$/;

const SOURCE = path.resolve(import.meta.dirname, "..");

interface Found {
  /** File and line, as an editor opens it. */
  where: string;
  text: string;
}

function sources(folder = SOURCE): ts.SourceFile[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return sources(file);
    }
    if (!/\.tsx?$/.test(file) || /\.test\.|\.gen\.|\/testing\.ts$/.test(file)) {
      return [];
    }
    const kind = file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
    return [ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true, kind)];
  });
}

function found(node: ts.Node, text: string): Found {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return { where: `${path.relative(SOURCE, file.fileName)}:${line + 1}`, text };
}

function written({ where, text }: Found): string {
  return `${where}: ${JSON.stringify(text)}`;
}

/** The strings an expression can come to, seen without running it; a template gives what it holds between its values. */
function literals(node: ts.Node | undefined): Found[] {
  if (node === undefined) {
    return [];
  }
  if (ts.isStringLiteralLike(node)) {
    return [found(node, node.text)];
  }
  if (ts.isTemplateExpression(node)) {
    return [
      found(
        node,
        [node.head, ...node.templateSpans.map((span) => span.literal)].map((one) => one.text).join(" "),
      ),
    ];
  }
  if (ts.isConditionalExpression(node)) {
    return [...literals(node.whenTrue), ...literals(node.whenFalse)];
  }
  if (ts.isBinaryExpression(node)) {
    // Of `a && "b"`, `a ?? "b"` and `a + "b"` the left side is shown as well, unless it is only a condition.
    const isCondition = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
    const isShown = [
      ts.SyntaxKind.PlusToken,
      ts.SyntaxKind.BarBarToken,
      ts.SyntaxKind.QuestionQuestionToken,
      ts.SyntaxKind.AmpersandAmpersandToken,
    ].includes(node.operatorToken.kind);
    return isShown ? [...(isCondition ? [] : literals(node.left)), ...literals(node.right)] : [];
  }
  return ts.isParenthesizedExpression(node) || ts.isAsExpression(node) ? literals(node.expression) : [];
}

const isSaying = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) &&
  ts.isIdentifier(node.expression) &&
  ["t", "msg"].includes(node.expression.text);

const isJoined = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

/** Every sentence that is said or marked, and those that are put together before they are said. */
function sentences(): { said: Found[]; made: Found[] } {
  const said: Found[] = [];
  const made: Found[] = [];
  const look = (node: ts.Node): void => {
    if (isSaying(node)) {
      const [first] = node.arguments;
      said.push(...literals(first));
      if (first && (ts.isTemplateExpression(first) || isJoined(first))) {
        made.push(found(node, first.getText()));
      }
    }
    ts.forEachChild(node, look);
  };
  sources().forEach(look);
  return { said, made };
}

/** A template with a word of its own beside a value, as in `${n} items`. What is thrown or styled is not read by people. */
function isProse(node: ts.TemplateExpression): boolean {
  const isOurs =
    ts.findAncestor(node, (up) => ts.isThrowStatement(up) || ts.isNewExpression(up)) !== undefined;
  return (
    !isOurs &&
    (/(^|\s)\p{L}\p{Ll}+ $/u.test(node.head.text) ||
      node.templateSpans.some(({ literal }) => /^ \p{L}{2,}(\s|[.,;:]|$)/u.test(literal.text)))
  );
}

/** Words that are drawn or read out without having gone through `t()`. */
function untold(): Found[] {
  const words: Found[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isJsxElement(node) && VERBATIM.has(node.openingElement.tagName.getText())) {
      return;
    }
    if (ts.isJsxText(node)) {
      words.push(found(node, node.text.trim().replaceAll(/\s+/g, " ")));
    } else if (ts.isJsxAttribute(node) && SPOKEN_ATTRIBUTES.has(node.name.getText())) {
      const value = node.initializer;
      words.push(...literals(value && ts.isJsxExpression(value) ? value.expression : value));
    } else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) {
      words.push(...literals(node.expression));
    } else if (ts.isTemplateExpression(node) && isProse(node)) {
      words.push(found(node, node.getText()));
    }
    ts.forEachChild(node, look);
  };
  sources().forEach(look);
  return words.filter(({ text }) => /\p{L}{3}/u.test(text) && !SAME_EVERYWHERE.has(text));
}

function placeholders(sentence: string): string[] {
  return [...new Set(sentence.match(/\{\{.*?\}\}/g))].sort();
}

/** Say what differs between the blanks of a sentence and of its translation. One form of a plural may spell its number. */
function blanksWrong(key: string, translation: string): boolean {
  const wanted = placeholders(key.replace(PLURAL, ""));
  const has = placeholders(translation);
  const mayLack = PLURAL.test(key) ? ["{{count}}", "{{n}}"] : [];
  return (
    has.some((one) => !wanted.includes(one)) ||
    wanted.some((one) => !has.includes(one) && !mayLack.includes(one))
  );
}

const { said, made } = sentences();
const keys = new Set(said.map(({ text }) => text));

describe("every sentence", () => {
  it("is given to t() whole, so that it can be looked up", () => {
    expect(keys.size).toBeGreaterThan(1000);
    expect(made.map(written)).toEqual([]);
  });

  it("that is drawn or read out goes through t()", () => {
    expect(untold().map(written)).toEqual([]);
  });
});

describe.each(Object.entries(COMPLETE))("%s.json", (_, dictionary) => {
  it("has every sentence of the page", () => {
    const missing = said.filter(({ text }) => !dictionary[text] && !dictionary[`${text}_other`]);
    expect([...new Map(missing.map((one) => [one.text, written(one)])).values()]).toEqual([]);
  });
});

describe.each(Object.entries({ en: english, ...COMPLETE }))("%s.json", (_, dictionary) => {
  it("has no sentence that the page no longer says", () => {
    expect(Object.keys(dictionary).filter((key) => !keys.has(key.replace(PLURAL, "")))).toEqual([]);
  });

  it("fills the same blanks, and keeps the spaces at both ends", () => {
    const ends = (text: string) => [/^\s/.test(text), /\s$/.test(text)].join();
    const wrong = Object.entries(dictionary).filter(
      ([key, words]) => blanksWrong(key, words) || ends(key.replace(PLURAL, "")) !== ends(words),
    );
    expect(wrong).toEqual([]);
  });
});
