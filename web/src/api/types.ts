/** The nouns that travel, under the page's names. Their shapes are generated from the server's openapi.json. */

import type { components } from "./schema.gen";

export type Schemas = components["schemas"];

export type Session = Schemas["CurrentSession"];
export type Redeemed = Schemas["StartedSession"];
export type Project = Schemas["ShownProject"];
export type Question = Schemas["ShownQuestion"];
export type Suggestion = Schemas["ShownSuggestion"];
export type Item = Schemas["ShownItem"];
export type Entry = Schemas["Entry"];
type Submitting = Schemas["SubmissionRequest"];
/** reason: where the model's label is judged wrong. */
export type Submission = Omit<Submitting, "reason"> & Partial<Pick<Submitting, "reason">>;
export type Revealing = Schemas["RevealRequest"];
export type Opinion = Schemas["ShownOpinion"];
export type Draft = Schemas["DraftRequest"];
export type Receipt = Schemas["Submitted"];
export type TakenBack = Schemas["Undone"];
export type OwnSubmission = Schemas["OwnSubmission"];
export type ItemHistory = Schemas["ItemHistory"];
export type HistoryEvent = Schemas["HistoryEvent"];
export type Reason = Schemas["Reason"];
export type NewRemark = Schemas["NewRemark"];
export type Remark = Schemas["ShownRemark"];
export type FoundItems = Schemas["ItemPage"];
export type FoundItem = Schemas["ItemRow"];
export type SimilarItems = Schemas["SimilarItems"];
export type Person = Schemas["Person"];
export type Progress = Schemas["Progress"];
export type Renewed = Schemas["Renewed"];
export type Answers = Submission["answers"];
export type Jobs = Schemas["Jobs"];
export type Job = Schemas["ShownJob"];
export type Budget = Schemas["ShownBudget"];
export type JobAction = Job["actions"][number];
export type Cockpit = Schemas["Cockpit"];
export type CockpitQuestion = Schemas["CockpitQuestion"];
export type CockpitRung = Schemas["Rung"];
export type CockpitSample = Schemas["CockpitSample"];
export type SampledItem = Schemas["SampledItem"];
export type Applied = Schemas["Applied"];
export type Dashboard = Schemas["Dashboard"];
export type HourCount = Schemas["HourCount"];
export type Recall = Schemas["ShownRecall"];
export type RecallPreview = Schemas["RecallPreviewed"];
export type RecallMade = Schemas["RecallMade"];
export type ConfigurationVersion = Schemas["ConfigurationVersion"];
export type WrittenConfiguration = Schemas["WrittenConfiguration"];
export type ConfigurationDiff = Schemas["ConfigurationDiff"];
export type DraftConfiguration = Schemas["DraftFrom"];
export type CheckedDraft = Schemas["CheckedDraft"];
export type PreviewedDraft = Schemas["PreviewedDraft"];
export type AppliedDraft = Schemas["AppliedDraft"];
export type ExampleItem = Schemas["ExampleItem"];
