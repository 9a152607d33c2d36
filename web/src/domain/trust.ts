/** What the report says beyond the certificate: audits, the data set's card, findings, people, money. */

export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** The interval after each audited answer, in the order of the draw. */
export interface AuditPoint {
  n: number;
  n_wrong: number;
  error: number;
  low: number;
  high: number;
  at: string | null;
}

export interface AuditSlice {
  slice: string;
  n: number;
  n_wrong: number;
  low: number;
  high: number;
  alarm: boolean;
}

export interface Audit {
  n_drawn: number;
  n_checked: number;
  n_wrong: number;
  n_not_blind?: number;
  error: number | null;
  low: number | null;
  high: number | null;
  breaks_target: boolean | null;
  /** The share of the accepted that may be wrong; 1 = the certificate limits none. */
  target_error?: number;
  sequence: AuditPoint[];
  method: string | null;
  alarm: { since_n: number; at: string | null; lower_bound: number; target: number; sentence: string } | null;
  slices: AuditSlice[];
  recalled: { n_items: number; reason: string | null; recall: string | null } | null;
}

export interface ClassShare {
  label: string;
  naive: number;
  corrected: number;
  low: number;
  high: number;
}

export interface ConfusionCell {
  said: string;
  truth: string;
  share: number;
  low: number;
  high: number;
}

/** The data set's certificate: how good all labels are, part by part. */
export interface Card {
  accuracy: {
    overall: Interval | null;
    accepted: Interval | null;
    by_origin: { origin: string; n: number; share: number; accuracy: Interval | null }[];
    by_class: { label: string; n: number; accuracy: Interval | null }[] | null;
  };
  prevalence: ClassShare[] | null;
  confusion: { labels: string[]; rows: ConfusionCell[] } | null;
  errors_left: { expected: number; upper: number } | null;
  effective_sample_size: number | null;
  n_human: number;
  /** Drawn items that nobody answered; not in older reports. */
  missing?: { n_calibration: number; n_audit: number; widens: number | null } | null;
  design: string;
}

/** A part of the data in which the model is wrong more often than elsewhere. */
export interface Finding {
  slice: string;
  cell: string | null;
  /** Only that confusion is more frequent; not in older reports. */
  is_of_cell?: boolean;
  n: number;
  n_wrong: number;
  error: number;
  rest_error: number;
  /** Null where nothing is wrong elsewhere. */
  ratio: number | null;
  q: number;
  confirmed: boolean | null;
  examples: string[];
  proposal: string;
}

export interface Findings {
  at: string;
  n_audited: number;
  q: number;
  findings: Finding[];
}

export interface PersonTest {
  person: string;
  n: number;
  advantage: number;
  adjusted: number;
  wins: boolean;
}

export interface ReplacementTest {
  at: string;
  epsilon: number;
  may_replace: boolean | null;
  winning_rate: number | null;
  advantage: number | null;
  people: PersonTest[];
  sentence: string;
}

export interface Effect extends Interval {
  n_shown: number;
  n_blind: number;
}

export interface Assist {
  at: string;
  speed_up: Effect | null;
  missed_corrections: Effect | null;
  anchoring: Effect | null;
  over_correction: Effect | null;
  accuracy_change: Effect | null;
  harmful: boolean | null;
  verdict: string;
}

/** One allocation of money, and what it buys. */
export interface FrontierPoint {
  cost: number;
  accuracy: number;
  low: number;
  high: number;
  gold: number;
  audit: number;
  reviewed: number;
  fresh: number;
  chosen: boolean;
}

/** The plan itself; what is there already costs nothing more. Not all of it in older reports. */
export interface Allocation extends FrontierPoint {
  unseen?: number;
  gold_there?: number;
  audit_there?: number;
  seen_there?: number;
}

/** The outcome with one figure at either end of its interval; null = no plan is possible there. */
export interface Sensitivity {
  name: string;
  low: number;
  high: number;
  is_assumed: boolean;
  at_low: number | null;
  at_high: number | null;
  outcome: "accuracy" | "cost";
}

export interface MoneyPlan {
  at: string | null;
  chosen: Allocation | null;
  certified: { target_error: number; share: number | null } | null;
  next_100: { correct: number } | null;
  /** What was taken as known, and where from. */
  inputs: Record<string, { source: string }>;
  frontier: FrontierPoint[];
  sensitivities: Sensitivity[];
  warnings: string[];
}

export interface DriftTest {
  test: string;
  value: number;
  p: number | null;
  limit: number;
  drifted: boolean;
}

export interface Drift {
  at: string;
  /** Of texts or of labels. */
  drifted?: boolean;
  inputs: DriftTest[];
  sentence: string;
}

/** What a probe for memory said of a model. */
export interface Memorisation {
  is_suspected: boolean;
  sentence: string;
}

/** What a look for near copies said. */
export interface Copies {
  leaks: unknown[];
  sentence: string;
}

/** An audit as an older or a thinner report has it, made whole. */
export function readAudit(audit: Partial<Audit> | null | undefined): Audit | null {
  if (!audit) {
    return null;
  }
  return {
    ...(audit as Audit),
    sequence: audit.sequence ?? [],
    method: audit.method ?? null,
    alarm: audit.alarm ?? null,
    slices: audit.slices ?? [],
    recalled: audit.recalled ?? null,
  };
}

/** A plan as an older or a thinner report has it, made whole. */
export function readPlan(plan: Partial<MoneyPlan> | null | undefined): MoneyPlan | null {
  if (!plan) {
    return null;
  }
  const frontier = plan.frontier ?? [];
  return {
    at: plan.at ?? null,
    chosen: plan.chosen ?? frontier.find((point) => point.chosen) ?? null,
    certified: plan.certified ?? null,
    next_100: plan.next_100 ?? null,
    inputs: plan.inputs ?? {},
    frontier,
    sensitivities: plan.sensitivities ?? [],
    warnings: plan.warnings ?? [],
  };
}
