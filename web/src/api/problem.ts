/** What can go wrong between page and server, and which of it heals by waiting. */

import { t } from "../words/words";

export interface Problem {
  title: string;
  detail: string;
  hint?: string | undefined;
  path?: string | undefined;
}

/** The server answered, and the answer is no. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Problem;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, problem: Problem, retryAfterSeconds: number | null = null) {
    super(problem.detail || problem.title);
    this.name = "Refused";
    this.status = status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer came: the network or the server is away. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("the server cannot be reached", { cause });
    this.name = "Unreachable";
  }
}

const WORTH_WAITING_FOR = new Set([408, 425, 429]);

/** Say whether the same request may succeed later. */
export function heals(error: unknown): boolean {
  if (error instanceof Refused) {
    return error.status >= 500 || WORTH_WAITING_FOR.has(error.status);
  }
  return error instanceof Unreachable;
}

/** Say whether the session behind the request is over. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof Refused && error.status === 401;
}

/** Give one sentence for a person. */
export function sentence(error: unknown): string {
  if (error instanceof Refused) {
    const { detail, title, hint } = error.problem;
    return [detail || title, hint].filter(Boolean).join(" ");
  }
  if (error instanceof Unreachable) {
    return t("The server is out of reach");
  }
  return error instanceof Error ? error.message : String(error);
}

/** Read a problem document; anything else becomes one, so that no caller meets raw HTML. */
export async function problemOf(response: Response): Promise<Problem> {
  const title = response.statusText || `HTTP ${response.status}`;
  try {
    const body: unknown = await response.json();
    if (typeof body === "object" && body !== null) {
      const said = body as Record<string, unknown>;
      const text = (key: string): string | undefined =>
        typeof said[key] === "string" ? (said[key] as string) : undefined;
      return {
        title: text("title") ?? title,
        detail: text("detail") ?? "",
        hint: text("hint"),
        path: text("path"),
      };
    }
  } catch {
    // The body was no JSON: the status line is all there is to say.
  }
  return { title, detail: "" };
}
