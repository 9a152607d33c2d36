/** The nouns that travel, under the page's names. Their shapes are generated from the server's openapi.json. */

import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Session = Schemas["CurrentSession"];
export type Redeemed = Schemas["StartedSession"];
export type Project = Schemas["ShownProject"];
export type Question = Schemas["ShownQuestion"];
export type Suggestion = Schemas["ShownSuggestion"];
export type Item = Schemas["ShownItem"];
export type Entry = Schemas["Entry"];
export type Submission = Schemas["SubmissionRequest"];
export type Receipt = Schemas["Submitted"];
export type TakenBack = Schemas["Undone"];
export type OwnSubmission = Schemas["OwnSubmission"];
export type Progress = Schemas["Progress"];
export type Renewed = Schemas["Renewed"];
export type Answers = Submission["answers"];
export type Jobs = Schemas["Jobs"];
export type Job = Schemas["ShownJob"];
export type Budget = Schemas["ShownBudget"];
export type JobAction = Job["actions"][number];
