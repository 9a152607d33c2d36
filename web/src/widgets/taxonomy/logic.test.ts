import { expect, test } from "vitest";
import { answersOf, columnsOf, describe, initial, reduce, type Settings } from "./logic";

const TREE: Settings = {
  tree: [
    { value: "animal", title: "Animals", children: [{ value: "dog", children: ["pug"] }, "cat"] },
    "stone",
  ],
};
const ALL: Settings = { ...TREE, leaf_only: false };

test("answers are the leaves, or all places, in the tree's order", () => {
  expect(answersOf(TREE).map((one) => one.title)).toEqual(["Animals › dog › pug", "Animals › cat", "stone"]);
  expect(answersOf(ALL).map((one) => one.value)).toContain('["animal","dog"]');
});

test("a path that is no answer changes nothing", () => {
  expect(reduce(null, { choose: ["animal"] }, TREE)).toBeNull();
  expect(reduce(null, { choose: ["animal"] }, ALL)).toEqual(["animal"]);
  expect(reduce(null, { choose: ["stone", "pug"] }, ALL)).toBeNull();
  expect(reduce(null, { choose: ["animal", "cat"] }, TREE)).toEqual(["animal", "cat"]);
  expect(reduce(["stone"], { find: true }, TREE)).toEqual(["stone"]);
  expect(initial(TREE, ["animal", "gone"])).toBeNull();
});

test("columns follow the path as far as it goes", () => {
  expect(columnsOf(TREE, []).map((column) => column.length)).toEqual([2]);
  expect(columnsOf(TREE, ["animal", "dog", "pug"]).map((column) => column.length)).toEqual([2, 2, 1]);
  expect(columnsOf(TREE, ["stone"])).toHaveLength(1);
  expect(describe(["animal", "cat"], TREE)).toBe("Animals › cat");
});
