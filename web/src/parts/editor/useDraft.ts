import { useLocalStorage } from "@mantine/hooks";
import { useCallback } from "react";
import type { DraftConfiguration, WrittenConfiguration } from "../../api/types";

/** A draft in this browser: kept through a closed tab until it is applied or thrown away. */
export function useDraft(
  name: string,
  inForce: WrittenConfiguration,
): [DraftConfiguration, (change: Partial<DraftConfiguration>) => void, () => void] {
  const [kept, keep, forget] = useLocalStorage<DraftConfiguration | null>({
    key: `labelwright/settings/${name}`,
    defaultValue: null,
    getInitialValueInEffect: false,
    deserialize: readable,
  });
  const fresh = { yaml: inForce.yaml, guideline: inForce.guideline, expected: inForce.version };
  const { yaml, guideline, version } = inForce;
  const change = useCallback(
    (made: Partial<DraftConfiguration>) =>
      keep((before) => ({ ...(before ?? { yaml, guideline, expected: version }), ...made })),
    [keep, yaml, guideline, version],
  );
  return [kept ?? fresh, change, forget];
}

/** What another version or a person's own hand left in the storage is no draft. */
function readable(text: string | undefined): DraftConfiguration | null {
  try {
    const read: unknown = JSON.parse(text ?? "null");
    const draft = read as DraftConfiguration | null;
    const isDraft =
      typeof draft?.yaml === "string" &&
      typeof draft.guideline === "string" &&
      typeof draft.expected === "number";
    return isDraft ? draft : null;
  } catch {
    return null;
  }
}
