/** An item's life in words: what each event says, what a label rests on, what may be put back. */

import type { HistoryEvent, ItemHistory, Question, Reason } from "../api/types";
import { widgetFor } from "../widgets/registry";
import { upTo } from "../words/figures";
import { told as fromServer } from "../words/told";
import { t } from "../words/words";

/** A stored label in a few words: the widget has them; what none knows is shown as it is. */
export function labelWords(question: Question | undefined, value: unknown): string {
  if (value === null || value === undefined) {
    return t("nothing");
  }
  const widget = question && widgetFor(question.type);
  if (widget) {
    try {
      const words = widget.describe(widget.initial(question.settings, value), question.settings);
      if (words !== "") {
        return words;
      }
    } catch {
      // A label of an older schema: shown as it was stored.
    }
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What may be made the label of record again: an earlier label that is not the present one. */
export interface Earlier {
  position: number;
  question: string;
  value: unknown;
}

export function earlierLabel(event: HistoryEvent, history: ItemHistory): Earlier | null {
  const { kind, question, told, position } = event;
  if (question === null || !history.questions.some((one) => one.name === question)) {
    return null;
  }
  if (
    !["predicted", "answered", "resolved"].includes(kind) ||
    told.value === null ||
    told.value === undefined
  ) {
    return null;
  }
  const now = history.labels.find((one) => one.question === question);
  const isNow = JSON.stringify(now?.value) === JSON.stringify(told.value);
  return isNow ? null : { position, question, value: told.value };
}

const PURPOSES: Readonly<Record<string, () => string>> = {
  calibration: () => t("calibration, blind"),
  audit: () => t("audit, blind"),
  review: () => t("review"),
  bulk: () => t("one of many accepted at once"),
  "spot-check": () => t("spot check, blind"),
  adjudication: () => t("a manager's decision"),
};

export const purposeWords = (purpose: unknown): string => PURPOSES[String(purpose)]?.() ?? String(purpose);

const STATUSES: Readonly<Record<string, () => string>> = {
  "auto-accepted": () => t("accepted unseen, under a certificate"),
  "human-verified": () => t("one person's answer"),
  consensus: () => t("several people's answer"),
  "bulk-accepted": () => t("accepted in bulk by a person"),
  unverified: () => t("a model's label that nobody checked"),
  unresolved: () => t("no label yet"),
};

export const statusWords = (status: unknown): string =>
  status === null ? t("no label yet") : (STATUSES[String(status)]?.() ?? String(status));

const ROUTES: Readonly<Record<string, () => string>> = {
  accept: () => t("accepted unseen"),
  review: () => t("sent to people"),
  calibration: () => t("kept for calibration"),
  audit: () => t("accepted unseen, and audited"),
};

const WHY_NOT: Readonly<Record<string, () => string>> = {
  "taken back": () => t("taken back"),
  "came later": () => t("came after the label was settled"),
  "decided by a manager": () => t("a manager's decision stands above it"),
  "not blind": () => t("saw the suggestion, and others answered blind"),
  "accepted in bulk only": () => t("accepted in bulk, and others looked at it"),
  "under an earlier guideline or schema": () => t("under an earlier guideline or schema"),
};

const RUN_KINDS: Readonly<Record<string, () => string>> = {
  recall: () => t("a recall"),
  "undo-recall": () => t("an undone recall"),
  "recheck-requeue": () => t("a changed guideline"),
  "bulk-accept": () => t("a bulk acceptance"),
  "undo-bulk": () => t("a bulk acceptance that was rolled back"),
  restore: () => t("a restored label"),
  "undo-restore": () => t("a restored label that was taken back"),
};

const SETTLED: Readonly<Record<string, (name: string) => string>> = {
  kept: (name) => t("{{name}} kept the answer", { name }),
  changed: (name) => t("{{name}} changed the answer", { name }),
  withdrawn: (name) => t("{{name}} took an answer back", { name }),
};

const SEEN: Readonly<Record<string, (name: string) => string>> = {
  suggestion: (name) => t("{{name}} was shown a suggestion", { name }),
  objection: (name) => t("{{name}} was shown an objection", { name }),
  history: (name) => t("{{name}} saw labels on this page", { name }),
  remarks: (name) => t("{{name}} read what others remarked", { name }),
  explore: (name) => t("{{name}} saw labels in the list of items", { name }),
  bulk: (name) => t("{{name}} saw labels in bulk mode", { name }),
  cockpit: (name) => t("{{name}} saw labels in the cockpit", { name }),
  examples: (name) => t("{{name}} saw labels while choosing examples", { name }),
};

export interface EventWords {
  title: string;
  /** Further facts, each a sentence or less. */
  facts: string[];
}

/** Say what happened. `question` is the event's question as the project asks it. */
export function eventWords(event: HistoryEvent, question: Question | undefined): EventWords {
  const { kind, told, who } = event;
  const label = "value" in told ? labelWords(question, told.value) : "";
  const person = who ?? t("somebody");
  switch (kind) {
    case "imported":
      return {
        title: t("Imported"),
        facts: told.source ? [t("from {{source}}", { source: text(told.source) })] : [],
      };
    case "predicted":
      return {
        title:
          told.status === "valid"
            ? t("{{model}} says: {{label}}", { model: text(told.model), label })
            : t("{{model}} gave no usable answer", { model: text(told.model) }),
        facts: [
          told.confidence === null
            ? ""
            : t("raw confidence {{score}}, no probability", { score: figure(told.confidence) }),
          told.problem ? text(told.problem) : "",
          versions(told),
          t("prompt {{hash}}", { hash: text(told.prompt_hash).slice(0, 12) }),
        ].filter(Boolean),
      };
    case "sampled":
      return {
        title:
          told.purpose === "calibration"
            ? t("Drawn at random for calibration")
            : t("Drawn at random for the audit"),
        facts: [t("one of {{n}}", { n: text(told.n) })],
      };
    case "routed":
      return {
        title: t("Decided: {{route}}", { route: ROUTES[text(told.route)]?.() ?? text(told.route) }),
        facts: [
          fromServer(text(told.reason)),
          told.score === null ? "" : t("score {{score}}", { score: figure(told.score) }),
          told.probability === null
            ? ""
            : t("right in about {{n}} of 100 cases like it", { n: percent(told.probability) }),
          ...ofRun(told),
        ].filter(Boolean),
      };
    case "queued":
      return {
        title: t("Put into the queue: {{purpose}}", { purpose: purposeWords(told.purpose) }),
        facts: [
          told.state === "open" ? t("waits for somebody") : "",
          told.state === "leased"
            ? t("in the hands of {{name}} now", { name: text(told.holder) || t("somebody") })
            : "",
          told.state === "done" ? t("answered") : "",
          told.blind ? t("without suggestions") : t("with suggestions"),
          fromServer(text(told.reason)),
          ...ofRun(told),
        ].filter(Boolean),
      };
    case "answered":
      return {
        title: t("{{name}} says: {{label}}", { name: person, label }),
        facts: [
          "purpose" in told ? purposeWords(told.purpose) : "",
          "suggestion_shown" in told
            ? told.suggestion_shown
              ? t("a suggestion was shown")
              : t("no suggestion was shown")
            : "",
          versions(told),
          Number(told.seconds) > 0 ? t("{{n}} s", { n: figure(told.seconds) }) : "",
          told.stands ? "" : t("taken back later"),
        ].filter(Boolean),
      };
    case "retracted":
      return {
        title: t("{{name}} took an answer back", { name: person }),
        facts: [
          told.whose && told.whose !== who ? t("the answer of {{name}}", { name: text(told.whose) }) : "",
          fromServer(text(told.reason)),
        ].filter(Boolean),
      };
    case "skipped":
      return {
        title: t("{{name}} passed on it", { name: person }),
        facts: [text(told.reason)].filter(Boolean),
      };
    case "resolved":
      return {
        title: t("Label of record: {{label}}", { label }),
        facts: [statusWords(told.status), fromServer(text(told.method)), ...ofRun(told)].filter(Boolean),
      };
    case "restored":
      return {
        title: t("{{name}} put an earlier label back", { name: person }),
        facts: [t("Because: {{reason}}", { reason: text(told.reason) })],
      };
    case "remarked":
      return {
        title:
          told.kind === "flag"
            ? t("{{name}} flagged it", { name: person })
            : t("{{name}} commented", { name: person }),
        facts: [text(told.reason), text(told.text), told.stands ? "" : t("withdrawn later")].filter(Boolean),
      };
    case "withdrawn":
      return { title: t("{{name}} withdrew a remark", { name: person }), facts: [] };
    case "assisted":
      return {
        title: t("{{name}} asked the assistant", { name: person }),
        facts: [
          text(told.asked),
          t("{{model}} answered: {{answer}}", { model: text(told.model), answer: text(told.answer) }),
        ].filter(Boolean),
      };
    case "objected":
      return {
        title: t("{{model}} objects to an answer", { model: text(told.model) }),
        facts: [
          told.whose ? t("the answer of {{name}}", { name: text(told.whose) }) : "",
          text(told.reason),
          ...(Array.isArray(told.evidence) ? told.evidence.map((words) => `“${text(words)}”`) : []),
          told.settled === null ? t("nothing was said about it so far") : "",
        ].filter(Boolean),
      };
    case "settled":
      return {
        title: SETTLED[text(told.settled)]?.(person) ?? text(told.settled),
        facts: [t("with a model's objection before them")],
      };
    case "seen":
      return {
        title: SEEN[text(told.way)]?.(person) ?? text(told.way),
        facts: [
          Array.isArray(told.questions) && told.questions.length > 1
            ? told.questions.map(text).join(", ")
            : "",
        ].filter(Boolean),
      };
    case "exported":
      return { title: t("Left in an export"), facts: [] };
  }
}

/** Say what a node of the reasons is. */
export function reasonWords(node: Reason, question: Question | undefined): EventWords {
  const { kind, told } = node;
  const label = "value" in told ? labelWords(question, told.value) : "";
  switch (kind) {
    case "label":
      return { title: label, facts: [statusWords(told.status)] };
    case "certificate":
      return {
        title: t("Accepted unseen under certificate {{id}}", { id: text(told.id) }),
        facts: [
          told.threshold === null || told.threshold === undefined
            ? ""
            : t("its score {{score}} reaches the threshold {{threshold}}", {
                score: figure(told.score),
                threshold: figure(told.threshold),
              }),
          fromServer(text(told.promise)),
          told.n_calibration
            ? t("from {{n}} blind labels, drawn at random", { n: text(told.n_calibration) })
            : "",
          told.is_newest ? "" : t("another certificate has been issued since"),
        ].filter(Boolean),
      };
    case "prediction":
      return {
        title: t("{{model}} says: {{label}}", { model: text(told.model), label }),
        facts: [versions(told), t("prompt {{hash}}", { hash: text(told.prompt_hash).slice(0, 12) })],
      };
    case "route":
      return {
        title: t("Decided: {{route}}", { route: ROUTES[text(told.route)]?.() ?? text(told.route) }),
        facts: [
          fromServer(text(told.reason)),
          told.score === null ? "" : t("score {{score}}", { score: figure(told.score) }),
        ].filter(Boolean),
      };
    case "votes":
      return {
        title: t("What people said: {{method}}", { method: fromServer(text(told.method)) }),
        facts:
          typeof told.share === "number" && told.share < 1
            ? [t("{{n}} of 100 votes", { n: percent(told.share) })]
            : [],
      };
    case "left out":
      return { title: t("What did not count"), facts: [] };
    case "vote":
      return {
        title: t("{{name}} says: {{label}}", { name: text(told.who), label }),
        facts: [
          told.why_not
            ? t("Left out: {{why}}", { why: WHY_NOT[text(told.why_not)]?.() ?? text(told.why_not) })
            : "",
          told.restored_because ? t("Because: {{reason}}", { reason: text(told.restored_because) }) : "",
          purposeWords(told.purpose),
          told.suggestion_shown ? t("a suggestion was shown") : t("no suggestion was shown"),
          t("guideline {{n}}", { n: text(told.guideline_version) }),
        ].filter(Boolean),
      };
  }
}

function ofRun(told: HistoryEvent["told"]): string[] {
  const words = RUN_KINDS[text(told.run_kind)]?.();
  return words === undefined ? [] : [t("by {{what}}", { what: words })];
}

function versions(told: HistoryEvent["told"]): string {
  return told.guideline_version
    ? t("guideline {{guideline}}, schema {{schema}}", {
        guideline: text(told.guideline_version),
        schema: text(told.schema_version),
      })
    : "";
}

function text(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

function figure(value: unknown): string {
  return typeof value === "number" ? upTo(Number(value.toPrecision(4)), 10) : "?";
}

function percent(value: unknown): string {
  return typeof value === "number" ? String(Math.round(100 * value)) : "?";
}
