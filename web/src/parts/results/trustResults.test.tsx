import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { type QuestionReport, readReport, warnings } from "../../domain/report";
import type { Audit, Card } from "../../domain/trust";
import { Frontier } from "../../plots/Frontier";
import { nearest } from "../../plots/Readout";
import { AuditResult, named } from "./AuditResult";
import { CardResult } from "./CardResult";
import { FindingsResult } from "./FindingsResult";
import { MoneyResult } from "./MoneyResult";
import { PeopleResult } from "./PeopleResult";
import { QuestionResult } from "./QuestionResult";

const CARD: Card = {
  accuracy: {
    overall: { value: 0.93, low: 0.91, high: 0.95 },
    accepted: null,
    by_origin: [{ origin: "people", n: 300, share: 0.3, accuracy: null }],
    by_class: [{ label: "spam", n: 400, accuracy: { value: 0.9, low: 0.85, high: 0.94 } }],
  },
  prevalence: [
    { label: "spam", naive: 0.5, corrected: 0.4, low: 0.35, high: 0.45 },
    { label: "ham", naive: 0.5, corrected: 0.6, low: 0.55, high: 0.65 },
  ],
  confusion: {
    labels: ["spam", "ham"],
    rows: [{ said: "spam", truth: "ham", share: 0.1, low: 0.05, high: 0.15 }],
  },
  errors_left: { expected: 41.7, upper: 60 },
  effective_sample_size: 512.4,
  n_human: 300,
  design: "simple random sample",
};

const AUDIT: Partial<Audit> = {
  n_drawn: 60,
  n_checked: 2,
  n_wrong: 1,
  low: 0.1,
  high: 0.9,
  sequence: [
    { n: 1, n_wrong: 0, error: 0, low: 0, high: 0.95, at: null },
    { n: 2, n_wrong: 1, error: 0.5, low: 0.1, high: 0.9, at: null },
  ],
  slices: [{ slice: "language = de", n: 2, n_wrong: 1, low: 0.1, high: 0.9, alarm: true }],
};

function renderInHouse(children: ReactNode) {
  return render(<MantineProvider>{children}</MantineProvider>);
}

function question(found: object): QuestionReport {
  const [read] = readReport({ questions: [{ name: "spam_or_not", ...found }] }).questions;
  if (read === undefined) {
    throw new Error("no question");
  }
  return read;
}

test("a finding of one confusion says what was counted, and nothing is times as many as none", () => {
  const finding = {
    slice: "source = fax",
    cell: "praise → bug",
    is_of_cell: true,
    n: 32,
    n_wrong: 17,
    error: 0.53,
    rest_error: 0,
    ratio: null,
    q: 0.01,
    confirmed: null,
    examples: [],
    proposal: "",
  };
  const slices = { at: "2026-01-01", n_audited: 300, q: 0.1, findings: [finding] };
  renderInHouse(<FindingsResult question={question({ slices })} />);
  expect(screen.getByText(/^17 of the 32 of which the model said so: 53%, elsewhere 0%\. /)).toBeDefined();
  expect(screen.queryByText(/times as many/)).toBeNull();
});

test("labels that drift, leaks, and a model that knows the data by heart are warned of", () => {
  const drift = { at: "2026-01-01", inputs: [], sentence: "Other shares." };
  const found = { questions: [], drift, duplicates: { leaks: [], sentence: "None." } };
  expect(warnings(readReport(found))).toEqual([]);
  const test = { test: "psi", value: 1, p: 0.001, limit: 0.2, drifted: true };
  expect(warnings(readReport({ ...found, drift: { ...drift, inputs: [test] } }))).toEqual(["Other shares."]);
  const warned = {
    questions: [],
    drift: { ...drift, drifted: true },
    duplicates: { leaks: [{}], sentence: "A leak." },
    memorisation: { is_suspected: true, sentence: "It knows." },
  };
  expect(warnings(readReport(warned))).toEqual(["Other shares.", "A leak.", "It knows."]);
});

test("a report from before audits, cards and findings is read, and says what to run", () => {
  const old = question({});
  renderInHouse(
    <>
      <CardResult question={old} />
      <AuditResult question={old} />
      <FindingsResult question={old} />
      <PeopleResult question={old} />
    </>,
  );
  expect(screen.getByText("labelwright slices")).toBeTruthy();
  expect(screen.getByText(/Nothing has been accepted unseen/)).toBeTruthy();
});

test("the data set's card says how many labels are right, and by how much counts are corrected", () => {
  renderInHouse(<CardResult question={question({ card: CARD })} />);
  expect(screen.getByText("About 93% of all labels are right: 91% to 95% at 95% confidence.")).toBeTruthy();
  expect(screen.getByText("about 42, at most 60")).toBeTruthy();
  expect(screen.getByText("not known")).toBeTruthy();
  expect(screen.getByText(/Of 2 labels, 2 are counted clearly/)).toBeTruthy();
});

test("what goes to people is told with what they have answered already", () => {
  const routes = { accept: 60, review: 40 };
  renderInHouse(<QuestionResult question={question({ routes, n_answered: 15 })} />);
  expect(screen.getByText("accept 60 · review 40 (answered already: 15)")).toBeTruthy();
  renderInHouse(<QuestionResult question={question({ routes })} />);
  expect(screen.getByText("accept 60 · review 40")).toBeTruthy();
});

test("drawn items that nobody answered are told, with what they cost", () => {
  const missing = { n_calibration: 2, n_audit: 5, widens: 0.013 };
  renderInHouse(<CardResult question={question({ card: { ...CARD, missing } })} />);
  expect(
    screen.getByText("7, either right or wrong in each interval: 1.3 points wider overall"),
  ).toBeTruthy();
});

test("the audit's picture tells the numbers under the pointer, and a part above the limit is marked", () => {
  const certificate = { is_certified: true, target_error: 0.1 };
  const { container } = renderInHouse(<AuditResult question={question({ audit: AUDIT, certificate })} />);
  expect(screen.getByText("⚠ above the limit")).toBeTruthy();
  const target = container.querySelector("rect[fill=transparent]");
  expect(target).not.toBeNull();
  fireEvent.pointerMove(target as Element, { clientX: 0 });
  expect(screen.getByText("0 wrong of 1: 0% to 95%")).toBeTruthy();
});

test("nothing is near where there is nothing, and the nearest is near", () => {
  expect(nearest([], 3)).toBeNull();
  expect(
    nearest(
      [1, 5, 9].map((x) => ({ x, y: 0, words: String(x) })),
      6,
    )?.words,
  ).toBe("5");
});

test("the frontier marks the plan", () => {
  const point = { low: 0.8, high: 0.99, gold: 100, audit: 50, fresh: 0 };
  renderInHouse(
    <Frontier
      points={[
        { ...point, cost: 500, accuracy: 0.9, reviewed: 10, chosen: false },
        { ...point, cost: 1000, accuracy: 0.95, reviewed: 400, chosen: true },
      ]}
    />,
  );
  expect(screen.getByText("The plan spends $1,000 for 95% right labels.")).toBeTruthy();
});

test("a slice of a list of labels is named without brackets", () => {
  expect(named('label=["price","screen"]')).toBe("label: price, screen");
  expect(named("label=[]")).toBe("label: none");
  expect(named("language=de")).toBe("language: de");
  expect(named("anything")).toBe("anything");
});

test("the plan says what the next money buys, what is paid, what to beware of and what it depends on", () => {
  const chosen = {
    ...{ cost: 5, accuracy: 0.946, low: 0.917, high: 0.97, chosen: true },
    ...{ gold: 266, gold_there: 200, audit: 30, reviewed: 4, fresh: 46, unseen: 445 },
  };
  const row = { is_assumed: false, outcome: "accuracy" as const };
  const plan = {
    at: "2026-11-22T11:00:00Z",
    chosen,
    certified: { target_error: 0.1, share: 0.78 },
    inputs: { model_price: { source: "assumed: nobody knows" } },
    next_100: { correct: 13.74 },
    frontier: [chosen],
    sensitivities: [
      { ...row, name: "model_price", low: 0.0003337, high: 0.0004805, at_low: 0.95, at_high: 0.94 },
      { ...row, name: "gold", is_assumed: true, low: 200, high: 532, at_low: 0.946, at_high: null },
    ],
    warnings: ["people alone would label everything for $2,000.00: 95% right, for less"],
  };
  renderInHouse(<MoneyResult report={readReport({ questions: [], plan })} />);
  expect(screen.getByText("266, 200 of them paid already")).toBeTruthy();
  expect(screen.getByText("13.7 more right labels")).toBeTruthy();
  expect(screen.getByText("78% at 10% wrong at most")).toBeTruthy();
  expect(screen.getByText(/^people alone would label everything/)).toBeTruthy();
  expect(screen.getByText("$0.000334 to $0.000481")).toBeTruthy();
  expect(screen.getByText("the model's price per item (a guess)")).toBeTruthy();
  expect(screen.getByText("94.6% to no plan")).toBeTruthy();
});

test("a plan of an older report is drawn with what it has", () => {
  const point = { cost: 5, accuracy: 0.9, low: 0.8, high: 0.95, gold: 10, audit: 0, reviewed: 4, fresh: 0 };
  const plan = { frontier: [{ ...point, chosen: true }] };
  renderInHouse(<MoneyResult report={readReport({ questions: [], plan })} />);
  expect(screen.getByText("90% (80% to 95%)")).toBeTruthy();
  expect(screen.queryByText("What to beware of")).toBeNull();
});
