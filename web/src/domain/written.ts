/** Write a long answer as JSON a little at a time, so that keys are answered in between. */

const PART = 500;
/** Within this depth lists are written part by part: an answer's spans lie in it, and what they are made of below. */
const DEEPEST = 4;
const LONGEST_MS = 4;

/** JSON of a value that does not change meanwhile: the same text as `JSON.stringify` gives. */
export async function writtenInParts(
  value: unknown,
  rest: () => Promise<void> = afterOthers,
): Promise<string> {
  const parts: string[] = [];
  let began = performance.now();
  for (const part of partsOf(value, 0)) {
    parts.push(part);
    if (performance.now() - began > LONGEST_MS) {
      await rest();
      began = performance.now();
    }
  }
  return parts.join("");
}

function* partsOf(value: unknown, depth: number): Generator<string> {
  if (Array.isArray(value) && value.length > PART) {
    yield "[";
    for (let at = 0; at < value.length; at += PART) {
      const part = JSON.stringify(value.slice(at, at + PART)).slice(1, -1);
      yield at === 0 ? part : `,${part}`;
    }
    yield "]";
  } else if (depth < DEEPEST && isPlain(value)) {
    let begins = "{";
    for (const [name, held] of Object.entries(value)) {
      if (held !== undefined) {
        yield `${begins}${JSON.stringify(name)}:`;
        yield* partsOf(held, depth + 1);
        begins = ",";
      }
    }
    yield begins === "{" ? "{}" : "}";
  } else {
    yield JSON.stringify(value) ?? "null";
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function afterOthers(): Promise<void> {
  return new Promise((done) => {
    setTimeout(done);
  });
}
