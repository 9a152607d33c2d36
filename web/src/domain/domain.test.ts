import { expect, test } from "vitest";
import { entry } from "../testing";
import { inviteOf } from "./invite";
import { backoffMs } from "./outgoing";
import { previewOf } from "./preview";
import { accuracyInWords, certifiedInShort, inPlainWords, readReport, share } from "./report";
import { routeOf } from "./route";
import { createStopwatch, IDLE_SECONDS } from "./stopwatch";

test("addresses lead to pages, names with blanks and slashes included", () => {
  expect(routeOf("/")).toEqual({ page: "home" });
  expect(routeOf("/join")).toEqual({ page: "join" });
  expect(routeOf("/p/my%20reviews")).toEqual({ page: "label", project: "my reviews" });
  expect(routeOf("/p/a/results")).toEqual({ page: "results", project: "a" });
  expect(routeOf("/p/a/jobs")).toEqual({ page: "jobs", project: "a" });
  expect(routeOf("/p/%E0%A4%A")).toEqual({ page: "label", project: "%E0%A4%A" });
  expect(routeOf("/elsewhere").page).toBe("unknown");
});

test("an invitation is found in a whole link, in a fragment and alone", () => {
  expect(inviteOf("http://127.0.0.1:8000/join#abc-1")).toBe("abc-1");
  expect(inviteOf("#abc")).toBe("abc");
  expect(inviteOf(" abc ")).toBe("abc");
  expect(inviteOf("")).toBeNull();
  expect(inviteOf("http://example.org/join")).toBeNull();
});

test("waiting doubles up to half a minute, half of it by chance, and never undercuts Retry-After", () => {
  expect(backoffMs(1, () => 1, null)).toBe(500);
  expect(backoffMs(3, () => 1, null)).toBe(2000);
  expect(backoffMs(3, () => 0, null)).toBe(1000);
  expect(backoffMs(40, () => 1, null)).toBe(30_000);
  expect(backoffMs(1, () => 1, 9)).toBe(9000);
});

test("only time in front of the window counts, and not the coffee break", () => {
  let now = 0;
  const watch = createStopwatch(() => now);
  now = 10_000;
  watch.attend(false);
  now = 60_000;
  watch.attend(true);
  now = 65_000;
  expect(watch.seconds()).toBe(15); // 10 before leaving, 5 after coming back
  now += 3_600_000;
  expect(watch.seconds()).toBe(15 + IDLE_SECONDS - 5); // stirred last on coming back, 5 s before
  watch.stir();
  now += 2_000;
  expect(watch.seconds()).toBe(15 + IDLE_SECONDS - 5 + 2);
  watch.reset();
  expect(watch.seconds()).toBe(0);
});

test("a preview is one line of whole characters", () => {
  const item = { ...entry("a").item, content: { text: `  two\n lines ${"🦊".repeat(200)}` } };
  const preview = previewOf(item, ["text"]);
  expect(preview.startsWith("two lines 🦊")).toBe(true);
  expect([...preview]).toHaveLength(80);
  expect(preview.endsWith("🦊…")).toBe(true);
  const talk = [
    { role: "system", content: "Be kind." },
    { role: "user", content: "Where is it?" },
  ];
  expect(previewOf({ ...item, content: { talk } }, ["talk"])).toBe("Where is it?");
  expect(previewOf({ ...item, content: { rows: [{ a: 1 }] } }, ["rows"])).toBe('[{"a":1}]');
  expect(previewOf({ id: "x", content: {}, metadata: {}, media: {}, warning: null }, ["text"])).toBe("x");
});

test("a report without calibration reads as nothing certified, and garbage is refused", () => {
  const report = readReport({ project: "a", questions: [{ name: "tone_of_voice" }] });
  const question = report.questions[0];
  expect(question?.title).toBe("tone of voice");
  expect(question && inPlainWords(question)).toContain("Not calibrated yet");
  expect(() => readReport({ detail: "no" })).toThrow(TypeError);
  expect(() => readReport(null)).toThrow(TypeError);
});

test("a certificate is said in plain words, and so is its absence", () => {
  const certificate = {
    is_certified: true,
    target_error: 0.05,
    confidence_level: 0.95,
    coverage: 0.64,
    n_accepted: 320,
    n_pool: 800,
    n_calibration: 300,
    reason: null,
    verdict: "",
  };
  const said = (change: object) => {
    const raw = { questions: [{ name: "q", certificate: { ...certificate, ...change } }] };
    return readReport(raw).questions.map(inPlainWords)[0]?.replaceAll("\u00a0", " ");
  };
  expect(said({})).toBe(
    "320 of the 500 unlabelled items (64%) may be accepted without a person. At most 5% of them are wrong, with 95% confidence, " +
      "by 300 items, drawn at random and labelled blind.",
  );
  const promise = "On average over random samples, at most 5% of all items are accepted and wrong.";
  const rule = { method: "conformal", by: null, split: "together", loss: "exact" };
  expect(said({ rule, promise, drawn: ["The sample was focused."] })).toBe(
    `320 of the 500 unlabelled items (64%) may be accepted without a person. ${promise} The sample was focused.`,
  );
  expect(said({ rule: { ...rule, method: "fixed_sequence" } })).toBe(said({}));
  expect(said({ is_certified: false, reason: "too few labels" })).toBe(
    "Nothing can be certified at 5% error, so everything goes to people. Too few labels.",
  );
});

test("a cell promises a share of wrong labels only where the certificate does", () => {
  const certificate = { is_certified: true, target_error: 0.05, confidence_level: 0.95 };
  const said = (change: object) => {
    const rule = { method: "fixed_sequence", by: null, split: "together", loss: "exact", ...change };
    const raw = { questions: [{ name: "q", certificate: { ...certificate, rule } }] };
    const read = readReport(raw).questions[0]?.certificate;
    return read && certifiedInShort(read).replaceAll("\u00a0", " ");
  };
  expect(said({})).toBe("✓ ≤ 5% wrong, 95% sure");
  expect(said({ by: "label" })).toBe("✓ ≤ 5% wrong, 95% sure");
  expect(said({ by: "label", split: "each" })).toBe("✓ ≤ 5% wrong, 95% sure, on the conditions below");
  expect(said({ method: "sgr" })).toBe("✓ ≤ 5% wrong, 95% sure, on the conditions below");
  expect(said({ loss: "costs" })).toBe("✓ mean loss ≤ 5%, 95% sure");
  expect(said({ method: "conformal" })).toBe("loss ≤ 5% of all items, on average over samples only");
});

test("the accuracy of the labels is said with its interval, or not at all", () => {
  const estimate = {
    n_labelled: 800,
    n_unresolved: 0,
    confidence_level: 0.95,
    accuracy: 0.957,
    accuracy_low: 0.9075,
    accuracy_high: 0.979,
    error_of_people: null,
  };
  expect(accuracyInWords(null)).toBe("");
  expect(accuracyInWords(estimate)).toBe(
    "About 95.7% of the 800 labels agree with what people say: 90.8% to 97.9% at 95% confidence. " +
      "How often the people themselves are wrong is not known, and not in it.",
  );
  expect(accuracyInWords({ ...estimate, error_of_people: 0.02 })).toContain(
    "about 2% of all labels more are wrong",
  );
});

test("true errors are shown where the report has them", () => {
  const report = readReport({
    questions: [{ name: "q", true_error_auto_accepted: 0.021, true_error_final: null }],
  });
  expect(report.questions[0]?.true_errors).toEqual({ "auto accepted": 0.021 });
});

test("shares have the digits they need", () => {
  expect(share(0.05)).toBe("5%");
  expect(share(0.123)).toBe("12.3%");
  expect(share(null)).toBe("–");
});
