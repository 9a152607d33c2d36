import { expect, test, vi } from "vitest";
import { createApi } from "./client";
import { heals, isSignedOut, Refused, sentence, Unreachable } from "./problem";

interface Sent {
  url: string;
  init: RequestInit;
}

/** An API over a scripted answer, and what was sent to it. */
function scripted(answer: () => Response) {
  const sent: Sent[] = [];
  const api = createApi(async (url, init) => {
    sent.push({ url: String(url), init: init ?? {} });
    return answer();
  });
  return { api, sent };
}

const json = (body: unknown, init?: ResponseInit) => new Response(JSON.stringify(body), init);
const header = (one: Sent | undefined, name: string) => new Headers(one?.init.headers).get(name);

test("a submission carries its idempotency key and the mark that forms cannot forge", async () => {
  const { api, sent } = scripted(() => json({ submission: "s" }, { status: 201 }));
  await api.submit("my reviews", { lease: "1.2", answers: { q: "a" }, seconds: 2 }, "key-1");
  expect(sent[0]?.url).toBe("/api/v1/projects/my%20reviews/submissions");
  expect(header(sent[0], "Idempotency-Key")).toBe("key-1");
  expect(header(sent[0], "X-Labelwright")).toBe("1");
  expect(sent[0]?.init.body).toBe('{"lease":"1.2","answers":{"q":"a"},"seconds":2}');
});

test("the assistant is waited for longer than the server waits for its model", async () => {
  const timeout = vi.spyOn(AbortSignal, "timeout");
  const { api } = scripted(() => json({ thread: [], left: 1 }, { status: 201 }));
  await api.ask("reviews", { lease: "1.2", question: "Why?" }, "key-1", 650);
  expect(timeout.mock.calls.at(-1)?.[0]).toBeGreaterThan(650_000);
  timeout.mockRestore();
});

test("reading sends no mark and no key", async () => {
  const { api, sent } = scripted(() => json({ entries: [] }));
  await api.progress("reviews");
  expect(header(sent[0], "X-Labelwright")).toBeNull();
  expect(header(sent[0], "Idempotency-Key")).toBeNull();
});

test("a lease is given back even while the page closes", async () => {
  const { api, sent } = scripted(() => new Response(null, { status: 204 }));
  await api.release("reviews", "7.1");
  expect(sent[0]).toMatchObject({ url: "/api/v1/projects/reviews/leases/7.1", init: { keepalive: true } });
});

test("a problem document becomes its sentence and hint", async () => {
  const { api } = scripted(() =>
    json(
      { title: "Invalid", detail: "label 'spma' is not there", hint: "did you mean 'spam'?" },
      { status: 422 },
    ),
  );
  const error = await api.session().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Refused);
  expect(sentence(error)).toBe("label 'spma' is not there did you mean 'spam'?");
  expect(heals(error)).toBe(false);
});

test("an error page in HTML is still a refusal with its status", async () => {
  const { api } = scripted(
    () => new Response("<h1>Bad gateway</h1>", { status: 502, statusText: "Bad Gateway" }),
  );
  const error = await api.session().catch((caught: unknown) => caught);
  expect(sentence(error)).toBe("Bad Gateway");
  expect(heals(error)).toBe(true);
});

test("Retry-After is read, and 429 heals", async () => {
  const { api } = scripted(() => json({}, { status: 429, headers: { "Retry-After": "7" } }));
  const error = await api.session().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ status: 429, retryAfterSeconds: 7 });
  expect(heals(error)).toBe(true);
});

test("no network, and an answer cut off in the middle, are the same: unreachable", async () => {
  const broken = createApi(() => Promise.reject(new TypeError("Failed to fetch")));
  await expect(broken.session()).rejects.toBeInstanceOf(Unreachable);
  const { api } = scripted(() => new Response('{"project":', { status: 200 }));
  await expect(api.session()).rejects.toBeInstanceOf(Unreachable);
});

test("401 is told apart", async () => {
  const { api } = scripted(() => json({ detail: "no" }, { status: 401 }));
  expect(isSignedOut(await api.session().catch((caught: unknown) => caught))).toBe(true);
});
