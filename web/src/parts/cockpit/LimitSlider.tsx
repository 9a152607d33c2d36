import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useId, useState } from "react";
import type { CockpitRung } from "../../api/types";
import { frozenPlace, percentOf, placeOf, readLimit } from "../../domain/cockpit";
import { share } from "../../domain/report";
import { t } from "../../words/words";
import styles from "./cockpit.module.css";

interface Props {
  rungs: readonly CockpitRung[];
  place: number;
  onPlace: (place: number) => void;
}

/** Accept at error ≤ x: by slider, or as a number. A number between two rungs goes to the stricter one. */
export function LimitSlider({ rungs, place, onPlace }: Props) {
  const id = useId();
  const target = rungs[place]?.target_error ?? 0;
  const [typed, setTyped] = useState(percentOf(target));
  useEffect(() => setTyped(percentOf(target)), [target]);
  const limit = readLimit(typed);
  const frozen = frozenPlace(rungs);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (limit !== null) {
      onPlace(placeOf(rungs, limit));
    }
  }

  return (
    <form className={styles.limit} onSubmit={onSubmit}>
      <label htmlFor={`${id}s`}>
        {t("Accept at error ≤ {{target}}: wrong labels you can live with", { target: share(target) })}
      </label>
      <input
        id={`${id}s`}
        type="range"
        min={0}
        max={rungs.length - 1}
        step={1}
        value={place}
        aria-valuetext={t("at most {{target}} wrong", { target: share(target) })}
        onChange={(event) => onPlace(Number(event.currentTarget.value))}
      />
      <TextInput
        className={styles.field ?? ""}
        aria-label={t("Error at most, in percent")}
        inputMode="decimal"
        autoComplete="off"
        rightSection="%"
        value={typed}
        error={limit === null ? "0.5 to 99" : undefined}
        onChange={(event) => {
          const words = event.currentTarget.value;
          setTyped(words);
          const read = readLimit(words);
          if (read !== null && rungs[placeOf(rungs, read)]?.target_error === read) {
            onPlace(placeOf(rungs, read));
          }
        }}
        onBlur={() => (limit === null ? setTyped(percentOf(target)) : onPlace(placeOf(rungs, limit)))}
      />
      <Button variant="default" disabled={place === frozen} onClick={() => onPlace(frozen)}>
        {t("Your limit, {{target_error}}", { target_error: share(rungs[frozen]?.target_error) })}
      </Button>
    </form>
  );
}
