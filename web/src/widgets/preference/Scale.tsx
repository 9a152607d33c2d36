import { Cap } from "../../parts/Cap";
import { type Degree, type Graded, isSame } from "./logic";
import styles from "./Scale.module.css";

interface Props {
  name: string;
  title: string;
  isTitled?: boolean;
  description: string;
  scale: readonly Degree[];
  value: unknown;
  suggested: unknown;
  hint: string;
  /** null: its keys answer another criterion now. */
  caps: readonly (string | null)[] | null;
  describedBy: string | undefined;
  onPrefer: (degree: Graded) => void;
}

/** From one side's strongest to the other's, in one row. */
export function Scale(props: Props) {
  const {
    name,
    title,
    isTitled = true,
    description,
    scale,
    value,
    suggested,
    hint,
    caps,
    describedBy,
    onPrefer,
  } = props;
  return (
    <div
      className={styles.criterion}
      role="radiogroup"
      aria-label={title}
      aria-describedby={describedBy}
      data-next={(isTitled && caps !== null) || undefined}
    >
      {isTitled && (
        <p className={styles.title} dir="auto">
          {title}
          {description && <small>{description}</small>}
        </p>
      )}
      <div className={styles.scale}>
        {scale.map((degree, place) => {
          const isChosen = value !== null && isSame(value, degree);
          return (
            <label
              key={`${degree.choice}/${degree.strength}`}
              className={styles.degree}
              data-chosen={isChosen || undefined}
            >
              <input
                type="radio"
                name={name}
                checked={isChosen}
                onChange={() => onPrefer({ choice: degree.choice, strength: degree.strength })}
              />
              {caps?.[place] ? <Cap>{caps[place]}</Cap> : null}
              <span dir="auto">{degree.title}</span>
              {suggested !== null && isSame(suggested, degree) && (
                <small className={styles.hint}>{hint}</small>
              )}
            </label>
          );
        })}
      </div>
    </div>
  );
}
