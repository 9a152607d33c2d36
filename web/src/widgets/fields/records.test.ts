import { expect, test } from "vitest";
import * as fields from "./logic";

const RECEIPT: fields.Settings = {
  fields: [
    { name: "shop", type: "text" },
    {
      name: "items",
      type: "records",
      fields: [
        { name: "what", type: "text", required: true },
        { name: "price", type: "number" },
      ],
    },
  ],
};
const act = (...actions: fields.Action[]) =>
  actions.reduce<fields.Value>((value, action) => fields.reduce(value, action, RECEIPT), null);

test("records are added, filled in and removed, and what is left out of one is not stated", () => {
  const value = act(
    { rest: true },
    { add: "items" },
    { add: "items" },
    { part: "items", at: 0, fill: "what", to: "bread" },
    { part: "items", at: 1, fill: "what", to: "milk" },
    { part: "items", at: 1, fill: "price", to: 2.5 },
    { remove: "items", at: 0 },
  );
  expect(fields.problems(value, RECEIPT)).toEqual([]);
  expect(fields.submitted(value, RECEIPT)).toEqual({ shop: null, items: [{ what: "milk", price: 2.5 }] });
  expect(fields.submitted(act({ add: "items" }), RECEIPT)).toEqual({
    shop: null,
    items: [{ what: null, price: null }],
  });
});

test("what a record lacks is told with its number", () => {
  const value = act(
    { fill: "shop", to: "Ada's" },
    { add: "items" },
    { part: "items", at: 0, fill: "price", to: "dear" },
  );
  expect(fields.problems(value, RECEIPT).map((reason) => reason.text)).toEqual([
    "items 1, what: fill it in.",
    "items 1, price: write a number.",
  ]);
});

test("that there is none is said on purpose", () => {
  expect(fields.problems(act({ fill: "shop", to: "x" }), RECEIPT)[0]?.text).toContain("there is none");
  expect(fields.problems(act({ fill: "shop", to: "x" }, { fill: "items", to: [] }), RECEIPT)).toEqual([]);
  expect(fields.describe({ shop: "x", items: [] }, RECEIPT)).toBe("shop: x, items: 0 records");
});
