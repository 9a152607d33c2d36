import { afterAll, expect, test } from "vitest";
import { told } from "./told";
import { speak } from "./words";

const CERTIFIED =
  "At 97.5% confidence over random samples, at most 10% is wrong of the labels accepted unseen. This is about 516 labels (96.6% of the items outside the sample).";

afterAll(() => speak("en"));

test("what the server says is said as it is in English, whatever it holds", () => {
  expect(told(CERTIFIED)).toBe(CERTIFIED);
  expect(told("the model is 41% sure of $& (a.b)")).toBe("the model is 41% sure of $& (a.b)");
});

test("in another language its sentences are said one by one, and what is not known as it came", async () => {
  await speak("de");
  expect(told("the model is 41% sure of $& (a.b)")).toBe("das Modell ist sich bei $& (a.b) zu 41% sicher");
  expect(told(CERTIFIED)).toMatch(/^Mit 97.5% Konfidenz .* 10% .*\. Das sind etwa 516 Labels \(96.6% /);
  expect(told(`${CERTIFIED} Something new.`)).toMatch(/Stichprobe\)\. Something new\.$/);
});
