import { Button } from "@mantine/core";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import styles from "./Covered.module.css";

interface Props {
  warning: string;
  cap: string;
  onUncover: () => void;
}

/** What stands in the place of an item that may distress, until the person wants to see it. */
export function Covered({ warning, cap, onUncover }: Props) {
  return (
    <section className={styles.covered} aria-label={t("Covered")}>
      <p dir="auto">
        <span aria-hidden="true">⚠ </span>
        {warning}
      </p>
      <Button variant="default" onClick={onUncover}>
        {t("Show the item")} <Cap>{cap}</Cap>
      </Button>
      <small>{t("You may skip it too: say that it is distressing.")}</small>
    </section>
  );
}
