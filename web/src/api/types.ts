/** The nouns that travel between page and server. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Annotator {
  id: string;
  name: string;
  kind: string;
  role: string;
}

export interface Session {
  project: string;
  annotator: Annotator;
  project_title?: string | null;
}

export interface Redeemed extends Session {
  token: string;
  expires_at: string;
}

export interface Question {
  name: string;
  type: string;
  title: string;
  help: string;
  settings: { [key: string]: unknown };
}

export interface Project {
  name: string;
  version: number;
  schema_version: number;
  guideline_version: number;
  instruction: string;
  content_fields: string[];
  questions: Question[];
  guideline: { version: number; text: string };
  policy: { suggestions: string; lease_seconds: number };
  recorded: boolean;
}

export interface Suggestion {
  value: unknown;
  probability: number | null;
  model: string;
  reasoning: string | null;
  confidence_note: string | null;
}

export interface Item {
  id: string;
  content: { [field: string]: unknown };
  metadata: { [field: string]: unknown };
}

export interface Entry {
  lease: string;
  expires_at: string;
  item: Item;
  questions: string[];
  suggestions: { [question: string]: Suggestion } | null;
  reason: string | null;
  round: number;
}

export type Answers = { [question: string]: unknown };

export interface Submission {
  lease: string;
  answers: Answers;
  seconds: number;
}

export interface Receipt {
  submission: string;
  status: string;
  message: string | null;
  progress: { done_by_you: number; remaining: number };
}

export interface TakenBack {
  entry: Entry | null;
  answers: Answers;
}

export interface OwnSubmission {
  submission: string;
  item: { id: string; preview: string };
  answers: Answers;
  created_at: string;
}

export interface Progress {
  n_items: number;
  labels: number;
  done_by_you: number;
  remaining: number;
}

export interface Report {
  questions: unknown[];
}
