import { NativeSelect } from "@mantine/core";
import { sampleSize } from "../../domain/bulk";
import { t } from "../../words/words";
import { Confirm } from "../Confirm";
import styles from "./bulk.module.css";

const SHARES = [0.02, 0.05, 0.1, 0.2];

interface Props {
  /** By label, in words: how many are accepted. */
  counts: readonly { words: string; n: number }[];
  nExcluded: number;
  mostWrong: number;
  isBusy: boolean;
  onMostWrong: (share: number) => void;
  onAccept: () => void;
  onClose: () => void;
}

/** Says what is about to be accepted, and how much of it will be looked at blind. */
export function AcceptDialog({
  counts,
  nExcluded,
  mostWrong,
  isBusy,
  onMostWrong,
  onAccept,
  onClose,
}: Props) {
  const n = counts.reduce((sum, one) => sum + one.n, 0);
  const percent = Math.round(100 * mostWrong);
  return (
    <Confirm
      title={t("Accept {{count}} items?", { count: n })}
      act={t("Accept {{count}} items", { count: n })}
      isBusy={isBusy}
      isBlocked={n === 0}
      onAct={onAccept}
      onClose={onClose}
    >
      <p>{t("The model's labels are recorded as your answers, accepted in bulk:")}</p>
      <ul className={styles.counts}>
        {counts.map((one) => (
          <li key={one.words} dir="auto">
            {one.words}: <b>{one.n}</b>
          </li>
        ))}
      </ul>
      <p>{t("{{n}} left out; they stay as they are.", { n: nExcluded })}</p>
      <NativeSelect
        label={t("The spot check should show that at most so many are wrong")}
        value={String(mostWrong)}
        onChange={(event) => onMostWrong(Number(event.currentTarget.value))}
        data={SHARES.map((share) => ({ value: String(share), label: `${Math.round(100 * share)} %` }))}
      />
      <p>
        {t(
          "{{n}} of them, drawn at random, are asked again blind. If none of these is wrong, at most {{percent}} % of all are (at 95 %).",
          { n: sampleSize(n, mostWrong), percent },
        )}
      </p>
    </Confirm>
  );
}
