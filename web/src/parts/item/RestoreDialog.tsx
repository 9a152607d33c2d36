import { Textarea } from "@mantine/core";
import { useState } from "react";
import type { Question } from "../../api/types";
import { type Earlier, labelWords } from "../../domain/itemLife";
import { t } from "../../words/words";
import { Confirm } from "../Confirm";
import styles from "./item.module.css";

interface Props {
  earlier: Earlier;
  question: Question | undefined;
  now: unknown;
  isBusy: boolean;
  onRestore: (reason: string) => void;
  onClose: () => void;
}

/** An earlier label becomes the label of record again: as this manager's decision, with their reason. */
export function RestoreDialog({ earlier, question, now, isBusy, onRestore, onClose }: Props) {
  const [reason, setReason] = useState("");
  return (
    <Confirm
      title={t("Restore “{{label}}”?", { label: labelWords(question, earlier.value) })}
      act={t("Restore it")}
      isBusy={isBusy}
      isBlocked={reason.trim() === ""}
      onAct={() => onRestore(reason.trim())}
      onClose={onClose}
    >
      <p className={styles.say}>
        {t(
          "It is “{{label}}” now. Your decision outweighs all other answers, stands in the history under your name, and can be undone.",
          { label: labelWords(question, now) },
        )}
      </p>
      <Textarea
        label={t("Why is it the right one?")}
        maxLength={500}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  );
}
