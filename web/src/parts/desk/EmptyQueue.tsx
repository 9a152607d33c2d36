import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Labelling } from "../../domain/labelling";
import { useApi } from "../../session/ApiContext";
import { progressKey } from "../../session/useDesk";
import styles from "../Message.module.css";

interface Props {
  project: string;
  supply: Labelling["supply"];
  onRefill: () => void;
}

/** Nothing on the desk: why, and what happens next. */
export function EmptyQueue({ project, supply, onRefill }: Props) {
  const api = useApi();
  const progress = useQuery({ queryKey: progressKey(project), queryFn: () => api.progress(project) });
  if (supply === "asking" || supply === "flowing") {
    return (
      <div className={styles.card} role="status">
        <p>Looking for your next item…</p>
      </div>
    );
  }
  const left = progress.data?.remaining ?? 0;
  const [title, text] =
    supply === "empty"
      ? left > 0
        ? [
            "Nothing is free just now",
            `${left === 1 ? "The last item is" : `The last ${left} items are`} with other people, or not for you. ` +
              "What they leave comes to you by itself: this page looks again every half minute.",
          ]
        : [
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
