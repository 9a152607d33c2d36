import type { ContentProps } from "./content";
import styles from "./contents.module.css";
import { EachMedium } from "./EachMedium";

/** `as: audio`: as the browser shows it. */
export default function PlainAudio({ item, field, value, title }: ContentProps) {
  return (
    <EachMedium item={item} field={field} value={value}>
      {(url, onError) => (
        // biome-ignore lint/a11y/useMediaCaption: a recording to be labelled has none
        <audio
          className={styles.player}
          src={url}
          aria-label={title}
          onError={onError}
          controls
          preload="auto"
        />
      )}
    </EachMedium>
  );
}
