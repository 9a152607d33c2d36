/** Fetches and decodes the images of items that lie ready, so that the next item is painted with its picture. */

import type { Entry, Item } from "../api/types";

/** Images that are in the item itself, or that this server keeps for the project. Another's address is never fetched. */
export function imagesIn(item: Item): string[] {
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === "string") {
      texts.push(value);
    } else if (Array.isArray(value)) {
      value.forEach(collect);
    } else if (typeof value === "object" && value !== null) {
      Object.values(value).forEach(collect);
    }
  };
  collect(item.content);
  return texts.filter((text) => IMAGE.test(text));
}

const IMAGE =
  /^data:image\/(png|jpe?g|gif|webp|avif|bmp|svg\+xml)[;,]|^\/api\/v1\/projects\/[^/]+\/media\/[^\s?#]+\.(png|jpe?g|gif|webp|avif|bmp)$/i;

/** Keep the decoded images of exactly these entries; called whenever they change. */
export function createImageShelf(
  decode: (address: string) => unknown = decoded,
): (held: readonly Entry[]) => void {
  let ready = new Map<string, unknown>();
  let seen: readonly Entry[] = [];
  return (held) => {
    if (held === seen) {
      return;
    }
    seen = held;
    const addresses = held.flatMap(({ item }) => imagesIn(item));
    ready = new Map(addresses.map((address) => [address, ready.get(address) ?? decode(address)]));
  };
}

function decoded(address: string): HTMLImageElement {
  const image = new Image();
  image.src = address;
  // One that is broken is told where it is shown.
  image.decode().catch(() => {});
  return image;
}
