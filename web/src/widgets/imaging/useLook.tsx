/** How regions are shown, by the person's wish; it stays from item to item. */

import { useSessionStorage } from "@mantine/hooks";
import { t } from "../../words/words";

export interface Look {
  isHidden: boolean;
  isPlain: boolean;
}

const SHOWN: Look = { isHidden: false, isPlain: false };

export function useLook() {
  return useSessionStorage<Look>({ key: "labelwright.regions", defaultValue: SHOWN });
}

export function LookButtons({ look, onLook }: { look: Look; onLook: (look: Look) => void }) {
  return (
    <>
      <button
        type="button"
        aria-pressed={look.isHidden}
        onClick={() => onLook({ ...look, isHidden: !look.isHidden })}
      >
        {t("Hide all")}
      </button>
      <button
        type="button"
        aria-pressed={look.isPlain}
        onClick={() => onLook({ ...look, isPlain: !look.isPlain })}
      >
        {t("No fill")}
      </button>
    </>
  );
}
