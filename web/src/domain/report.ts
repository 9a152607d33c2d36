/** The report as the results page reads it. What is missing is null: before calibration most of it is. */

import { decimal, percentage } from "../words/figures";
import { told } from "../words/told";
import { t } from "../words/words";
import {
  type Assist,
  type Audit,
  type Card,
  type Copies,
  type Drift,
  type Findings,
  type Memorisation,
  type MoneyPlan,
  type ReplacementTest,
  readAudit,
  readPlan,
} from "./trust";

export interface Rung {
  target_error: number;
  is_frozen: boolean;
  is_certified: boolean;
  threshold: number | null;
  coverage: number;
  n_accepted: number;
  n_start: number;
  reason: string | null;
}

export interface Bin {
  n: number;
  confidence: number;
  accuracy: number;
  low: number;
  high: number;
  null_low: number;
  null_high: number;
}

export interface CurvePoint {
  threshold: number;
  coverage: number;
  risk: number | null;
  low: number | null;
  high: number | null;
}

export interface Certificate {
  is_certified: boolean;
  target_error: number;
  confidence_level: number;
  threshold: number | null;
  score: string;
  n_pool: number;
  n_calibration: number;
  n_wrong: number;
  n_accepted: number;
  coverage: number;
  reason: string | null;
  verdict: string;
  /** What holds, in the server's words; older certificates have none. */
  promise?: string;
  rule?: { method: string; by: string | null; split: string; loss: string };
  /** Where the sample was drawn, if not from everything, and whether a coin was tossed. */
  drawn?: string[];
}

export interface Calibration {
  method: string;
  auroc: number | null;
  ece_raw: number | null;
  ece_shown: number | null;
  accuracy: number | null;
  reliability: Bin[];
  /** Of the score as stated; null_upper: what a perfectly calibrated one shows at most, in 95% of samples. */
  raw?: { ece_mass?: { null_upper: number | null } };
}

/** How accurate the labels of record are, all origins together. */
export interface Estimate {
  n_labelled: number;
  n_unresolved: number;
  confidence_level: number;
  accuracy: number;
  accuracy_low: number;
  accuracy_high: number;
  error_of_people: number | null;
}

export interface Agreement {
  name: string;
  coefficient: number | null;
  low: number | null;
  high: number | null;
  n_units: number;
  reason: string | null;
}

export interface QuestionReport {
  name: string;
  title: string;
  routes: Record<string, number>;
  /** Of the items sent to people, how many they have answered. */
  n_answered: number;
  resolved: Record<string, number>;
  n_human_labels: number;
  certificate: Certificate | null;
  calibration: Calibration | null;
  ladder: Rung[];
  risk_coverage: CurvePoint[];
  audit: Audit | null;
  estimate: Estimate | null;
  card: Card | null;
  slices: Findings | null;
  alt_test: ReplacementTest | null;
  assist: Assist | null;
  agreement: Agreement[];
  /** Error against gold, by part of the data, where the report has it. */
  true_errors: Record<string, number>;
}

export interface Report {
  project: string;
  n_items: number;
  model: string | null;
  recorded: boolean;
  target_error: number;
  confidence_level: number;
  n_human_labels: number;
  guideline_version: number;
  is_bound: boolean | null;
  void_because: string[];
  drift: Drift | null;
  memorisation: Memorisation | null;
  duplicates: Copies | null;
  plan: MoneyPlan | null;
  questions: QuestionReport[];
}

/** Read a report. Raises TypeError when it is none. */
export function readReport(raw: unknown): Report {
  const report = raw as Partial<Report> | null;
  if (typeof report !== "object" || report === null || !Array.isArray(report.questions)) {
    throw new TypeError("the server's report has no list of questions; reload the page after the upgrade");
  }
  return {
    ...(report as Report),
    void_because: report.void_because ?? [],
    drift: report.drift ?? null,
    memorisation: report.memorisation ?? null,
    duplicates: report.duplicates ?? null,
    plan: readPlan(report.plan),
    questions: report.questions.map(readQuestion),
  };
}

/** What looks at the data itself warn of, in their own words: a drift, a leak, a model that knows the data. */
export function warnings({ drift, duplicates, memorisation }: Report): string[] {
  const drifted = drift?.drifted ?? drift?.inputs.some((test) => test.drifted);
  return [
    drifted ? drift?.sentence : null,
    duplicates?.leaks.length ? duplicates.sentence : null,
    memorisation?.is_suspected ? memorisation.sentence : null,
  ].filter((sentence) => sentence != null);
}

function readQuestion(question: Partial<QuestionReport>): QuestionReport {
  const found = question as QuestionReport;
  return {
    ...found,
    title: found.title || found.name.replaceAll("_", " "),
    routes: found.routes ?? {},
    n_answered: found.n_answered ?? 0,
    resolved: found.resolved ?? {},
    certificate: found.certificate ?? null,
    calibration: found.calibration ?? null,
    ladder: found.ladder ?? [],
    risk_coverage: found.risk_coverage ?? [],
    audit: readAudit(found.audit),
    estimate: found.estimate ?? null,
    card: found.card ?? null,
    slices: found.slices ?? null,
    alt_test: found.alt_test ?? null,
    assist: found.assist ?? null,
    agreement: found.agreement ?? [],
    true_errors: trueErrors(question),
  };
}

const TRUE_ERROR = "true_error_";

function trueErrors(question: object): Record<string, number> {
  const pairs = Object.entries(question).filter(
    (pair): pair is [string, number] => pair[0].startsWith(TRUE_ERROR) && typeof pair[1] === "number",
  );
  return Object.fromEntries(
    pairs.map(([name, value]) => [name.slice(TRUE_ERROR.length).replaceAll("_", " "), value]),
  );
}

/** What a certificate says, in a sentence without jargon. */
export function inPlainWords(question: QuestionReport): string {
  const certificate = question.certificate;
  if (certificate === null) {
    return t("Not calibrated yet: nothing is accepted without a person.");
  }
  const { is_certified, coverage, n_accepted, n_pool, target_error, confidence_level, n_calibration } =
    certificate;
  const drawn = t("{{n_calibration}} items, drawn at random and labelled blind", { n_calibration });
  if (!is_certified) {
    const why = certificate.reason || certificate.verdict;
    return t("Nothing can be certified at {{target_error}} error, so everything goes to people. {{why}}", {
      target_error: share(target_error),
      why: sentenceOf(why),
    }).trim();
  }
  const unlabelled = n_pool - n_calibration;
  const accepted = t(
    "{{n_accepted}} of the {{unlabelled}} unlabelled items ({{coverage}}) may be accepted without a person. ",
    { n_accepted, unlabelled, coverage: share(coverage) },
  );
  const promised = isPlain(certificate)
    ? t("At most {{target_error}} of them are wrong, with {{confidence_level}} confidence, by {{drawn}}.", {
        target_error: share(target_error),
        confidence_level: share(confidence_level),
        drawn,
      })
    : told(certificate.promise ?? "");
  return [accepted + promised, ...(certificate.drawn ?? []).map(told)].join(" ");
}

/** Whether the promise is of the share wrong among all that is accepted, with the stated confidence. */
export function isPlain({ rule }: Certificate): boolean {
  return (
    rule === undefined || (rule.method === "fixed_sequence" && rule.by === null && rule.loss === "exact")
  );
}

/** What is certified, in a cell of a table. */
export function certifiedInShort(certificate: Certificate): string {
  const { target_error, confidence_level, rule } = certificate;
  if (!certificate.is_certified) {
    return t("✗ nothing at {{target_error}}", { target_error: share(target_error) });
  }
  const figures = { target_error: share(target_error), confidence_level: share(confidence_level) };
  if (rule?.method === "conformal") {
    return t("loss ≤ {{target_error}} of all items, on average over samples only", figures);
  }
  if (rule !== undefined && rule.loss !== "exact") {
    return t("✓ mean loss ≤ {{target_error}}, {{confidence_level}} sure", figures);
  }
  if (rule?.method === "sgr" || (rule && rule.by !== null && rule.split === "each")) {
    return t("✓ ≤ {{target_error}} wrong, {{confidence_level}} sure, on the conditions below", figures);
  }
  return t("✓ ≤ {{target_error}} wrong, {{confidence_level}} sure", figures);
}

/** How good the data set is, with its interval and what that leaves out. Empty where it is not known yet. */
export function accuracyInWords(estimate: Estimate | null): string {
  if (estimate === null) {
    return "";
  }
  const { accuracy, accuracy_low, accuracy_high, confidence_level, n_labelled, error_of_people } = estimate;
  const people =
    error_of_people === null
      ? t("How often the people themselves are wrong is not known, and not in it.")
      : t(
          "People err too: where the truth is the measure, about {{error_of_people}} of all labels more are wrong.",
          { error_of_people: share(error_of_people) },
        );
  return (
    t("About {{accuracy}} of the {{n_labelled}} labels agree with what people say: ", {
      accuracy: share(accuracy),
      n_labelled,
    }) +
    `${t("{{range}} at {{confidence_level}} confidence", {
      range: between({ low: accuracy_low, high: accuracy_high }),
      confidence_level: share(confidence_level),
    })}. ${people}`
  );
}

function sentenceOf(words: string): string {
  const text = words.trim();
  return text === "" || /[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A share as percent with the digits it needs: 5%, 0.5%, 12.3%. */
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return "–";
  }
  const percent = value * 100;
  return percentage(value, Math.abs(percent - Math.round(percent)) < 0.05 ? 0 : 1);
}

/** An interval from its low end to its high one. */
export function between(
  { low, high }: Readonly<{ low: number | null | undefined; high: number | null | undefined }>,
  written: (value: number | null | undefined) => string = share,
): string {
  return t("{{low}} to {{high}}", { low: written(low), high: written(high) });
}

export function number(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined ? "–" : decimal(value, digits);
}
