/** Fetch a table of measurements, no more of it than is drawn. */

import { blobOf } from "./blobOf";
import type { Columns } from "./columns";
import { MOST_BYTES, NoSeries, readTable, type SeriesTable } from "./seriesFile";

/** source: of this server, or a data URL.  Throws NoSeries; what else goes wrong, the network's error. */
export async function fetchTable(
  source: string,
  columns: Columns,
  signal: AbortSignal,
): Promise<SeriesTable> {
  const bytes = await bytesOf(source, signal);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new NoSeries("text");
  }
  return readTable(text, columns, async () => {
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  });
}

async function bytesOf(source: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const blob = source.startsWith("data:") ? blobOf(source) : null;
  if (blob !== null) {
    return new Uint8Array(await blob.arrayBuffer());
  }
  const answer = await fetch(source, { signal, credentials: "same-origin" });
  if (!answer.ok || answer.body === null) {
    throw new Error(`status ${answer.status}`);
  }
  if (Number(answer.headers.get("content-length") ?? 0) > MOST_BYTES) {
    await answer.body.cancel();
    throw new NoSeries("size");
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = answer.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    size += part.value.length;
    if (size > MOST_BYTES) {
      await reader.cancel();
      throw new NoSeries("size");
    }
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
