import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { QuestionReport } from "../../domain/report";
import { PeopleResult } from "./PeopleResult";

test("agreement is named in words, with its value, interval and items", () => {
  const question = {
    title: "tone",
    assist: null,
    alt_test: null,
    agreement: [
      {
        name: "percent agreement",
        coefficient: 0.8388,
        low: 0.79,
        high: 0.881,
        n_units: 182,
        reason: null,
      },
    ],
  } as unknown as QuestionReport;
  render(<PeopleResult question={question} />);
  const row = screen.getByRole("row", { name: /percent agreement/ });
  expect(row.textContent).toBe("percent agreement0.840.79 to 0.88182");
});
