import { Button } from "@mantine/core";
import type { Labelling } from "../domain/labelling";
import styles from "./Message.module.css";

/** Nothing on the desk: why, and what happens next. */
export function EmptyQueue({ supply, onRefill }: { supply: Labelling["supply"]; onRefill: () => void }) {
  if (supply === "asking" || supply === "flowing") {
    return (
      <div className={styles.card} role="status">
        <p>Looking for your next item…</p>
      </div>
    );
  }
  const [title, text] =
    supply === "empty"
      ? [
          "All done for now",
          "Nothing is waiting for you. Thank you! This page looks again every half minute.",
        ]
      : ["The server is out of reach", "Your answers are safe in this browser. This page keeps trying."];
  return (
    <div className={styles.card} role="status">
      <h1>{title}</h1>
      <p>{text}</p>
      <Button variant="default" onClick={onRefill}>
        Look now
      </Button>
    </div>
  );
}
