import { expect, test } from "vitest";
import cases from "../../../tests/fixtures/conditions.json";
import { ASPECTS, entry, project, question, SENTIMENT } from "../testing";
import { multilabel } from "../widgets/multilabel";
import { isMet, isUntouched, shownQuestions } from "./asked";

const WHY = {
  ...question("why", "labelwright/classification", "price", "other"),
  show_when: { question: "sentiment", is: ["negative", "neutral"] },
};
const WHICH = { ...question("which", "labelwright/text"), show_when: { question: "why", is: ["other"] } };
const ALL = [SENTIMENT, WHY, WHICH];

function shown(answers: Record<string, unknown>, asked = ALL): string[] {
  return shownQuestions(project(...ALL), entry("1", asked), answers).map((one) => one.name);
}

test("a question with a condition is shown once another's answer meets it, and those behind it with it", () => {
  expect(shown({})).toEqual(["sentiment"]);
  expect(shown({ sentiment: "positive", why: "other" })).toEqual(["sentiment"]);
  expect(shown({ sentiment: "neutral" })).toEqual(["sentiment", "why"]);
  expect(shown({ sentiment: "negative", why: "other" })).toEqual(["sentiment", "why", "which"]);
});

test("where the other question is not asked, the condition is met", () => {
  expect(shown({}, [WHY, WHICH])).toEqual(["why"]);
});

test("of several labels one is enough", () => {
  const size = {
    ...question("size", "labelwright/rating"),
    show_when: { question: "aspects", is: ["screen"] },
  };
  const both = project(ASPECTS, size);
  const names = (aspects: string[] | null) =>
    shownQuestions(both, entry("1", [ASPECTS, size]), { aspects }).map((one) => one.name);
  expect(names(["battery", "screen"])).toEqual(["aspects", "size"]);
  expect(names([])).toEqual(["aspects"]);
  expect(names(null)).toEqual(["aspects"]);
});

test.each(cases)("a condition is met here as the server has it: %j", ({ is, answer, met }) => {
  expect(isMet(is, answer)).toBe(met);
});

test("cards that are decided are the labels they say", () => {
  const size = {
    ...question("size", "labelwright/rating"),
    show_when: { question: "aspects", is: ["screen"] },
  };
  const cards = { ...ASPECTS, settings: { ...ASPECTS.settings, display: "cards" } };
  const both = project(cards, size);
  const asked = { item: entry("1", [cards]).item, suggestion: null };
  const said = ["accept", "reject"].reduce<unknown>(
    (value, word) =>
      multilabel.reduce(value as null, { [word]: true } as never, cards.settings as never, asked),
    null,
  );
  const names = (aspects: unknown) =>
    shownQuestions(both, entry("1", [cards, size]), { aspects }).map((one) => one.name);
  expect(multilabel.submitted?.(said as null, cards.settings as never)).toEqual(["battery"]);
  expect(names(said)).toEqual(["aspects"]);
  size.show_when.is = ["battery"];
  expect(names(said)).toEqual(["aspects", "size"]);
});

test("what a widget begins with is no answer", () => {
  expect(isUntouched(undefined, null)).toBe(true);
  expect(isUntouched({ a: 1 }, { a: 1 })).toBe(true);
  expect(isUntouched([], null)).toBe(false);
});
