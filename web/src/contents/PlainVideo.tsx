import type { ContentProps } from "./content";
import styles from "./contents.module.css";
import { EachMedium } from "./EachMedium";

/** `as: video`: as the browser shows it. */
export default function PlainVideo({ item, field, value, title }: ContentProps) {
  return (
    <EachMedium item={item} field={field} value={value}>
      {(url, onError) => (
        // biome-ignore lint/a11y/useMediaCaption: a film to be labelled has none
        <video
          className={styles.image}
          src={url}
          aria-label={title}
          onError={onError}
          controls
          preload="metadata"
        />
      )}
    </EachMedium>
  );
}
