import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { readLimit } from "../../domain/jobs";
import { t } from "../../words/words";
import styles from "./StartRun.module.css";

interface Props {
  isBusy: boolean;
  /** Why no run can be started now; null: one can. */
  blocked: string | null;
  onStart: (limit: number | null) => void;
}

/** Ask the models to label what is due. */
export function StartRun({ isBusy, blocked, onStart }: Props) {
  const [typed, setTyped] = useState("");
  const limit = readLimit(typed);
  const field = useRef<HTMLInputElement>(null);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (limit !== undefined && blocked === null && !isBusy) {
      onStart(limit);
      field.current?.focus(); // while a run is under way, the button is off
    }
  }

  return (
    <form className={styles.form} onSubmit={onSubmit} aria-label={t("Start a run")}>
      <TextInput
        ref={field}
        className={styles.limit}
        label={t("At most so many items")}
        placeholder={t("all that are due")}
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={limit === undefined ? t("A whole number from 1, or nothing") : undefined}
      />
      <Button type="submit" loading={isBusy} disabled={blocked !== null || limit === undefined}>
        {t("Start")}
      </Button>
      <p className={styles.why}>{blocked ?? t("The models label every item that has no answer yet.")}</p>
    </form>
  );
}
