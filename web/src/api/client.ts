/** The server's verbs as typed functions. `fetch` is an argument, so that tests need no network. */

import { writtenInParts } from "../domain/written";
import { problemOf, Refused, Unreachable } from "./problem";
import type {
  Applied,
  AppliedDraft,
  AssistantThread,
  BulkAct,
  BulkGrid,
  BulkMade,
  BulkRequest,
  CheckedDraft,
  Cockpit,
  CockpitSample,
  ConfigurationDiff,
  ConfigurationVersion,
  Dashboard,
  Draft,
  DraftConfiguration,
  Entry,
  ExampleItem,
  FoundItems,
  ItemHistory,
  Job,
  JobAction,
  Jobs,
  LabelChangeAsked,
  LabelChangeTold,
  NewRemark,
  Objections,
  OwnSubmission,
  PastLabelChanges,
  Person,
  PreviewedDraft,
  Progress,
  Project,
  Recall,
  RecallMade,
  RecallPreview,
  Receipt,
  Redeemed,
  Renewed,
  Revealing,
  RunForecast,
  Session,
  SimilarItems,
  Submission,
  TakenBack,
  WrittenConfiguration,
} from "./types";

export interface Api {
  redeem(invite: string): Promise<Redeemed>;
  session(): Promise<Session>;
  signOut(): Promise<void>;
  project(name: string): Promise<Project>;
  lease(project: string, count: number): Promise<Entry[]>;
  renew(project: string, lease: string): Promise<Renewed>;
  release(project: string, lease: string): Promise<void>;
  /** Keep what was begun on an entry; no answers: forget it. */
  /** isLeaving: the page is about to be gone, so that it is sent at once. */
  keepDraft(project: string, lease: string, draft: Draft, isLeaving?: boolean): Promise<void>;
  /** Store the first answers to an entry, and give it with what the model says. */
  reveal(project: string, first: Revealing): Promise<Entry>;
  /** What was asked about the entry's item so far. */
  askedSoFar(project: string, lease: string): Promise<AssistantThread>;
  /** seconds: how long the server waits for the model. */
  ask(
    project: string,
    question: { lease: string; question: string },
    key: string,
    seconds: number,
  ): Promise<AssistantThread>;
  /** What a model says against this person's answers; `waiting` are being reviewed. */
  objections(project: string): Promise<Objections>;
  keepAnswer(project: string, objection: string, key: string): Promise<unknown>;
  submit(project: string, submission: Submission, key: string): Promise<Receipt>;
  retract(project: string, submission: string, key: string): Promise<TakenBack>;
  skip(project: string, skip: { lease: string; reason: string }, key: string): Promise<void>;
  mine(project: string, limit: number): Promise<OwnSubmission[]>;
  progress(project: string): Promise<Progress>;
  /** The report has no schema of its own: `domain/report` reads it. */
  report(project: string): Promise<unknown>;
  jobs(project: string): Promise<Jobs>;
  /** What a run would cost; limit: at most so many items; null = all that are due. */
  forecastJob(project: string, limit: number | null): Promise<RunForecast>;
  startJob(project: string, limit: number | null, key: string): Promise<Job>;
  actOnJob(project: string, job: string, action: JobAction, key: string): Promise<Job>;
  cockpit(project: string): Promise<Cockpit>;
  cockpitSample(project: string, question: string, scoreAtLeast: number): Promise<CockpitSample>;
  /** plan: the one that was looked at; another in force is refused. */
  applyCertificates(project: string, plan: string | null, key: string): Promise<Applied>;
  dashboard(project: string): Promise<Dashboard>;
  recalls(project: string): Promise<Recall[]>;
  previewRecall(project: string, question: string): Promise<RecallPreview>;
  recallAll(project: string, question: string, reason: string, key: string): Promise<RecallMade>;
  undoRecall(project: string, recall: string, key: string): Promise<RecallMade>;
  /** asked: the filter, as it stands in the page's own address. */
  findItems(project: string, asked: URLSearchParams): Promise<FoundItems>;
  similarItems(project: string, item: string): Promise<SimilarItems>;
  /** asked: the filter; `among` narrows it to these items. */
  bulkGrid(project: string, asked: URLSearchParams): Promise<BulkGrid>;
  acceptInBulk(project: string, body: BulkRequest, key: string): Promise<BulkMade>;
  bulkActs(project: string): Promise<BulkAct[]>;
  rollBulkBack(project: string, act: string, key: string): Promise<void>;
  people(project: string): Promise<Person[]>;
  history(project: string, item: string): Promise<ItemHistory>;
  remark(project: string, item: string, remark: NewRemark, key: string): Promise<void>;
  withdrawRemark(project: string, item: string, remark: string, key: string): Promise<void>;
  /** position: that of the event that gave the label. */
  restoreLabel(
    project: string,
    item: string,
    label: { question: string; position: number; reason: string },
    key: string,
  ): Promise<{ annotation: string }>;
  undoRestore(project: string, item: string, annotation: string, key: string): Promise<void>;
  versions(project: string): Promise<ConfigurationVersion[]>;
  version(project: string, version: number): Promise<WrittenConfiguration>;
  versionDiff(project: string, old: number, now: number): Promise<ConfigurationDiff>;
  /** Say what is wrong with a configuration that is being written, or what it would show. */
  checkDraft(project: string, draft: Omit<DraftConfiguration, "expected">): Promise<CheckedDraft>;
  /** Say what putting it in force would touch; nothing is written. */
  previewDraft(project: string, draft: DraftConfiguration): Promise<PreviewedDraft>;
  applyDraft(project: string, draft: DraftConfiguration, key: string): Promise<AppliedDraft>;
  exampleItems(project: string, search: string, label: string): Promise<ExampleItem[]>;
  labelChanges(project: string): Promise<PastLabelChanges>;
  /** Rename, merge or split labels (null: take the newest of these back); a dry run says what it would do. */
  changeLabels(
    project: string,
    asked: LabelChangeAsked | null,
    how: { expected: number; dry_run: boolean },
    key: string,
  ): Promise<LabelChangeTold>;
}

interface Sending {
  body?: unknown;
  /** The body as JSON, where it was written already. */
  written?: string | Blob;
  key?: string;
  keepalive?: boolean;
  timeout?: number;
}

const BASE = "/api/v1";
/** A slow answer is no answer: the write is sent again under its key. */
const TIMEOUT_MS = 20_000;
/** What goes through a whole project is waited for longer than the server tries. */
const WHOLE_PROJECT_MS = 150_000;
/** A model is waited for so much longer than the server waits. */
const MODEL_GRACE_MS = 10_000;

export function createApi(fetch: typeof globalThis.fetch): Api {
  async function call<T>(
    method: string,
    path: string,
    {
      body,
      written = body === undefined ? undefined : JSON.stringify(body),
      key,
      keepalive,
      timeout,
    }: Sending = {},
  ): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET") {
      headers["X-Labelwright"] = "1";
    }
    if (written !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    if (key !== undefined) {
      headers["Idempotency-Key"] = key;
    }
    let response: Response;
    let answer: T;
    try {
      response = await fetch(BASE + path, {
        method,
        headers,
        credentials: "same-origin",
        cache: "no-store",
        keepalive: keepalive ?? false,
        signal: AbortSignal.timeout(timeout ?? TIMEOUT_MS),
        ...(written === undefined ? {} : { body: written }),
      });
      if (response.ok) {
        answer = response.status === 204 ? (undefined as T) : ((await response.json()) as T);
        return answer;
      }
    } catch (cause) {
      throw new Unreachable(cause);
    }
    const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
    throw new Refused(response.status, await problemOf(response), Number.isFinite(wait) ? wait : null);
  }

  const at = (project: string, ...rest: string[]): string =>
    ["/projects", encodeURIComponent(project), ...rest].join("/");

  return {
    redeem: (invite) => call("POST", "/sessions", { body: { invite } }),
    session: () => call("GET", "/session"),
    signOut: () => call("DELETE", "/session"),
    project: (name) => call("GET", at(name)),
    lease: async (project, count) =>
      (await call<{ entries: Entry[] }>("POST", at(project, "leases"), { body: { count } })).entries,
    renew: (project, lease) => call("PUT", at(project, "leases", encodeURIComponent(lease))),
    release: (project, lease) =>
      call("DELETE", at(project, "leases", encodeURIComponent(lease)), { keepalive: true }),
    keepDraft: async (project, lease, draft, isLeaving = false) => {
      const written = isLeaving ? JSON.stringify(draft) : await writtenInParts(draft);
      const keepalive = isSmall(written);
      // Of a long text a blob is not copied once more on its way out, while keys wait.
      const sent = keepalive || isLeaving ? written : new Blob([written]);
      return call("PUT", at(project, "drafts", encodeURIComponent(lease)), { written: sent, keepalive });
    },
    reveal: (project, first) => call("POST", at(project, "leases", "reveal"), { body: first }),
    askedSoFar: (project, lease) =>
      call("GET", at(project, "leases", encodeURIComponent(lease), "assistant")),
    ask: (project, question, key, seconds) =>
      call("POST", at(project, "leases", "assistant"), {
        body: question,
        key,
        timeout: seconds * 1000 + MODEL_GRACE_MS,
      }),
    objections: (project) => call("GET", at(project, "objections")),
    keepAnswer: (project, objection, key) =>
      call("POST", at(project, "objections", encodeURIComponent(objection), "keep"), { key }),
    submit: (project, submission, key) => {
      const written = JSON.stringify(submission);
      return call("POST", at(project, "submissions"), { written, key, keepalive: isSmall(written) });
    },
    retract: (project, submission, key) =>
      call("DELETE", at(project, "submissions", encodeURIComponent(submission)), { key }),
    skip: (project, skip, key) => call("POST", at(project, "skips"), { body: skip, key }),
    mine: async (project, limit) =>
      (
        await call<{ submissions: OwnSubmission[] }>(
          "GET",
          at(project, `submissions?mine=true&limit=${limit}`),
        )
      ).submissions,
    progress: (project) => call("GET", at(project, "progress")),
    report: (project) => call("GET", at(project, "report")),
    jobs: (project) => call("GET", at(project, "jobs")),
    forecastJob: (project, limit) =>
      call("GET", at(project, limit === null ? "jobs/forecast" : `jobs/forecast?limit=${limit}`), {
        timeout: WHOLE_PROJECT_MS,
      }),
    startJob: (project, limit, key) =>
      call("POST", at(project, "jobs"), { body: { kind: "prelabel", limit }, key }),
    actOnJob: (project, job, action, key) =>
      call("POST", at(project, "jobs", encodeURIComponent(job), action), { key }),
    cockpit: (project) => call("GET", at(project, "cockpit"), { timeout: WHOLE_PROJECT_MS }),
    cockpitSample: (project, question, scoreAtLeast) => {
      const asked = new URLSearchParams({ question, score_at_least: String(scoreAtLeast) });
      return call("GET", at(project, `cockpit/sample?${asked}`), { timeout: WHOLE_PROJECT_MS });
    },
    applyCertificates: (project, plan, key) =>
      call("POST", at(project, "cockpit/apply"), { body: { plan }, key, timeout: WHOLE_PROJECT_MS }),
    dashboard: (project) => call("GET", at(project, "dashboard"), { timeout: WHOLE_PROJECT_MS }),
    findItems: (project, asked) => call("GET", at(project, `items?${asked}`)),
    similarItems: (project, item) =>
      call("GET", at(project, "items", encodeURIComponent(item), "similar"), { timeout: WHOLE_PROJECT_MS }),
    bulkGrid: (project, asked) => call("GET", at(project, `bulk?${asked}`)),
    acceptInBulk: (project, body, key) => call("POST", at(project, "bulk"), { body, key }),
    bulkActs: async (project) => (await call<{ acts: BulkAct[] }>("GET", at(project, "bulk", "acts"))).acts,
    rollBulkBack: (project, act, key) =>
      call("DELETE", at(project, "bulk", "acts", encodeURIComponent(act)), { key }),
    people: async (project) => (await call<{ people: Person[] }>("GET", at(project, "people"))).people,
    history: (project, item) => call("GET", at(project, "items", encodeURIComponent(item), "history")),
    remark: (project, item, remark, key) =>
      call("POST", at(project, "items", encodeURIComponent(item), "remarks"), { body: remark, key }),
    withdrawRemark: (project, item, remark, key) =>
      call("DELETE", at(project, "items", encodeURIComponent(item), "remarks", encodeURIComponent(remark)), {
        key,
      }),
    restoreLabel: (project, item, label, key) =>
      call("POST", at(project, "items", encodeURIComponent(item), "restore"), { body: label, key }),
    undoRestore: (project, item, annotation, key) =>
      call(
        "DELETE",
        at(project, "items", encodeURIComponent(item), "restore", encodeURIComponent(annotation)),
        { key },
      ),
    recalls: async (project) => (await call<{ recalls: Recall[] }>("GET", at(project, "recalls"))).recalls,
    previewRecall: (project, question) =>
      call("POST", at(project, "recalls/preview"), { body: { question }, timeout: WHOLE_PROJECT_MS }),
    recallAll: (project, question, reason, key) =>
      call("POST", at(project, "recalls"), { body: { question, reason }, key, timeout: WHOLE_PROJECT_MS }),
    versions: async (project) =>
      (await call<{ versions: ConfigurationVersion[] }>("GET", at(project, "configuration/versions")))
        .versions,
    version: (project, version) => call("GET", at(project, "configuration/versions", String(version))),
    versionDiff: (project, old, now) => call("GET", at(project, `configuration/diff?old=${old}&new=${now}`)),
    checkDraft: (project, draft) => call("POST", at(project, "configuration/check"), { body: draft }),
    previewDraft: (project, draft) =>
      call("POST", at(project, "configuration/preview"), { body: draft, timeout: WHOLE_PROJECT_MS }),
    applyDraft: (project, draft, key) =>
      call("POST", at(project, "configuration/apply"), { body: draft, key, timeout: WHOLE_PROJECT_MS }),
    exampleItems: async (project, search, label) => {
      const asked = new URLSearchParams({ search, label });
      const path = at(project, `configuration/items?${asked}`);
      return (await call<{ items: ExampleItem[] }>("GET", path, { timeout: WHOLE_PROJECT_MS })).items;
    },
    labelChanges: (project) => call("GET", at(project, "configuration/labels")),
    changeLabels: (project, asked, how, key) =>
      call("POST", at(project, asked === null ? "configuration/labels/undo" : "configuration/labels"), {
        body: { ...asked, ...how },
        key,
        timeout: WHOLE_PROJECT_MS,
      }),
    undoRecall: (project, recall, key) =>
      call("POST", at(project, "recalls", encodeURIComponent(recall), "undo"), {
        key,
        timeout: WHOLE_PROJECT_MS,
      }),
  };
}

/** Browsers refuse `keepalive` bodies over 64 KiB. */
function isSmall(written: string): boolean {
  return written.length < 16_000;
}
