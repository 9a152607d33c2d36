/** Runs of models, in words. What may be done with one, the server says. */

import type { Budget, Job, JobAction, RunForecast } from "../api/types";
import { msg, spoken, t } from "../words/words";

/** How a run stands, for colour and wording; never colour alone. */
export type Tone = "moving" | "resting" | "trouble" | "over";

const WORDS: Record<Job["state"], string> = {
  waiting: msg("Waiting for a worker"),
  running: msg("Running"),
  pausing: msg("Pausing"),
  paused: msg("Paused"),
  cancelling: msg("Cancelling"),
  cancelled: msg("Cancelled"),
  done: msg("Done"),
  failed: msg("Failed"),
};

const OVER: readonly Job["state"][] = ["done", "failed", "cancelled"];
const RESTING: readonly Job["state"][] = ["paused"];

export function stateWords(job: Job): string {
  return job.is_stalled ? t("Stalled") : t(WORDS[job.state]);
}

export function toneOf(job: Job): Tone {
  if (job.is_stalled || job.state === "failed") {
    return "trouble";
  }
  if (OVER.includes(job.state)) {
    return "over";
  }
  return RESTING.includes(job.state) ? "resting" : "moving";
}

/** Say whether anything may change by itself, so that looking again soon is worth it. */
export function isMoving(jobs: readonly Job[]): boolean {
  return jobs.some((job) => toneOf(job) === "moving" || job.is_stalled);
}

/** The run that keeps another from being started: two would pay for the same items. */
export function underWay(jobs: readonly Job[]): Job | undefined {
  return jobs.find((job) => !OVER.includes(job.state));
}

/** What is done, in per cent from 0 to 100; nothing to do is done. */
export function percentDone(job: Job): number {
  if (job.total === 0) {
    return job.state === "done" ? 100 : 0;
  }
  return (100 * job.done) / job.total;
}

export function amountDone(job: Job): string {
  if (job.total > 0) {
    return t("{{value}} of {{value2}}", { value: count(job.done), value2: count(job.total) });
  }
  return job.state === "done" ? t("nothing was due") : "–";
}

/** What to do about a run that does not go on by itself, and why. */
export function advice(job: Job): string | null {
  if (job.is_stalled) {
    const silent = job.seconds_silent === null ? "" : t(" for {{time}}", { time: spell(job.seconds_silent) });
    const rest =
      job.state === "cancelling"
        ? t("Cancel once more to end it without its worker.")
        : t("Resume goes on with a new worker; no answer that was kept is paid for twice.");
    return t("Nothing was heard of its worker{{silent}}: it was probably killed. {{rest}}", { silent, rest });
  }
  return job.problem;
}

export function rate(job: Job): string {
  if (job.per_second === null) {
    return "–";
  }
  return job.per_second >= 1
    ? t("{{per_second}} per s", { per_second: count(Math.round(job.per_second)) })
    : t("{{n}} per min", { n: count(Math.round(job.per_second * 60)) });
}

export function timeLeft(job: Job): string {
  return job.seconds_left === null ? "–" : t("about {{time}}", { time: spell(job.seconds_left) });
}

/** A span of time as people say it: one unit, rounded up. */
export function spell(seconds: number): string {
  if (seconds < 90) {
    return t("{{n}} s", { n: Math.ceil(seconds) });
  }
  if (seconds < 90 * 60) {
    return t("{{minutes}} min", { minutes: Math.ceil(seconds / 60) });
  }
  return seconds < 36 * 3600
    ? t("{{hours}} h", { hours: Math.ceil(seconds / 3600) })
    : t("{{count}} days", { count: Math.ceil(seconds / 86_400) });
}

/** Money: cents where there are any, more digits below. */
export function dollars(micro: number | null): string {
  if (micro === null) {
    return t("unknown");
  }
  const usd = micro / 1e6;
  if (usd > 0 && usd < 0.0001) {
    return t("under {{least}}", {
      least: `$${(0.0001).toLocaleString(spoken(), { minimumFractionDigits: 4 })}`,
    });
  }
  const digits = usd === 0 || usd >= 0.1 ? 2 : 4;
  return `$${usd.toLocaleString(spoken(), { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** Where the budget stands, in one sentence. */
export function budgetWords(budget: Budget): string {
  const used = dollars(budget.spent_micro + budget.lost_micro);
  const of =
    budget.limit_micro === null
      ? t("; no limit is set")
      : t(" of {{limit}}", { limit: dollars(budget.limit_micro) });
  const out =
    budget.reserved_micro > 0
      ? t(", up to {{reserved_micro}} more is out", { reserved_micro: dollars(budget.reserved_micro) })
      : "";
  const lost =
    budget.lost_micro > 0
      ? t(" ({{lost_micro}} of it at most, by workers that were killed or batches not fetched yet)", {
          lost_micro: dollars(budget.lost_micro),
        })
      : "";
  return t("Spent {{used}}", { used }) + of + lost + out;
}

/** What a run would cost, in one sentence. */
export function costForeseen({ cost_micro, most_micro }: RunForecast): string {
  return cost_micro === null || most_micro === null
    ? t("Nobody knows what this costs: no price is known for a model.")
    : t("This costs about {{cost}}, at most {{most}}.", {
        cost: dollars(cost_micro),
        most: dollars(most_micro),
      });
}

/** What one model would be asked. */
export function amountForeseen(model: RunForecast["models"][number]): string {
  const asked = t("{{model}}: {{items}} items due, about {{calls}} calls", {
    model: model.model,
    items: count(model.items),
    calls: count(model.calls),
  });
  return model.paid === 0
    ? asked
    : asked + t("; about {{paid}} are answered and paid for already", { paid: count(model.paid) });
}

/** What the budget has left for a run, and whether that may not be enough; null without a budget. */
export function leftWords({ left_micro, most_micro }: RunForecast): string | null {
  if (left_micro === null) {
    return null;
  }
  const left = t("Left of the budget: {{left}}.", { left: dollars(left_micro) });
  return most_micro !== null && most_micro > left_micro
    ? `${left} ${t("The run stops where it is spent.")}`
    : left;
}

/** How far the budget is used, in per cent; null without one. */
export function percentSpent(budget: Budget): number | null {
  if (budget.limit_micro === null) {
    return null;
  }
  const used = budget.spent_micro + budget.lost_micro + budget.reserved_micro;
  return budget.limit_micro === 0 ? 100 : Math.min(100, (100 * used) / budget.limit_micro);
}

export const ACTION_WORDS: Record<JobAction, string> = {
  pause: msg("Pause"),
  resume: msg("Resume"),
  cancel: msg("Cancel"),
};

export function count(n: number): string {
  return n.toLocaleString(spoken());
}

/** Read what was typed as a number of items: null = all, undefined = no such number. */
export function readLimit(typed: string): number | null | undefined {
  const plain = typed.trim().replaceAll(/[ ,]/g, "");
  if (plain === "") {
    return null;
  }
  return /^[1-9]\d{0,8}$/.test(plain) ? Number(plain) : undefined;
}
