import { t } from "../../words/words";
import type { Label } from "../widget";
import { colourOf } from "./colours";
import styles from "./imaging.module.css";

interface Props {
  regions: readonly { label: string }[];
  chosen: number | null;
  labels: readonly Label[];
  /** Says more of a region than its label: its size, say. */
  more?: (place: number) => string;
  onChoose: (place: number | null) => void;
  onRemove: (place: number) => void;
}

/** What is drawn, as a list beside the image: to choose and to remove without aiming. */
export function RegionList({ regions, chosen, labels, more, onChoose, onRemove }: Props) {
  if (regions.length === 0) {
    return <p className={styles.empty}>{t("Nothing is drawn yet.")}</p>;
  }
  return (
    <ol className={styles.list} aria-label={t("What is drawn")}>
      {regions.map((region, place) => {
        const title = labels.find((label) => label.value === region.label)?.title ?? region.label;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a region keeps its place while it is changed
          <li key={place}>
            <button
              type="button"
              aria-pressed={place === chosen}
              onClick={() => onChoose(place === chosen ? null : place)}
            >
              <i style={{ background: colourOf(region.label, labels) }} />
              <span dir="auto">
                {place + 1}. {title}
                {more && <small> {more(place)}</small>}
              </span>
            </button>
            <button
              type="button"
              className={styles.remove}
              aria-label={t("Remove {{number}}. {{title}}", { number: place + 1, title })}
              onClick={() => onRemove(place)}
            >
              ×
            </button>
          </li>
        );
      })}
    </ol>
  );
}
