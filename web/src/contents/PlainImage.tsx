import type { ContentProps } from "./content";
import styles from "./contents.module.css";
import { EachMedium } from "./EachMedium";

/** `as: image`: as the browser shows it. */
export default function PlainImage({ item, field, value, title }: ContentProps) {
  return (
    <EachMedium item={item} field={field} value={value}>
      {(url, onError) => <img className={styles.image} src={url} alt={title} onError={onError} />}
    </EachMedium>
  );
}
