/** The bytes of a data URL, without a request: the page's policy allows none to such addresses. */

export function blobOf(source: string): Blob | null {
  const comma = source.indexOf(",");
  const head = comma > 0 ? /^data:([a-z0-9.+/-]*)[^,]*?(;base64)?$/i.exec(source.slice(0, comma)) : null;
  if (head === null) {
    return null;
  }
  try {
    const body = source.slice(comma + 1);
    const text = head[2] ? atob(body) : plain(body);
    return new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))], { type: head[1] ?? "" });
  } catch {
    return new Blob([], { type: head[1] ?? "" });
  }
}

function plain(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
