import { type ReactNode, useState } from "react";
import type { Item } from "../api/types";
import { MediaTrouble } from "./MediaTrouble";
import { mediaOf } from "./media";

interface Props {
  item: Item;
  field: string;
  value: unknown;
  children: (url: string, onError: () => void) => ReactNode;
}

/** Draws every medium of a field, one below the other, and says which cannot be shown. */
export function EachMedium({ item, field, value, children }: Props) {
  const [broken, setBroken] = useState<ReadonlySet<number>>(new Set());
  const values = Array.isArray(value) ? value : [value];
  return mediaOf(item, field).map((medium, place) =>
    medium === null || broken.has(place) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: media never move
      <MediaTrouble key={place} value={values[place]} isMissing={medium !== null} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: media never move
      <div key={place}>{children(medium.url, () => setBroken(new Set([...broken, place])))}</div>
    ),
  );
}
