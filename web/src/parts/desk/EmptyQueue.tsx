import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Labelling } from "../../domain/labelling";
import { dashboardPath } from "../../domain/route";
import { useApi } from "../../session/ApiContext";
import { progressKey } from "../../session/useDesk";
import { t } from "../../words/words";
import styles from "../Message.module.css";
import { PageLink } from "../PageLink";

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
        <p>{t("Looking for your next item…")}</p>
      </div>
    );
  }
  const left = progress.data?.remaining ?? 0;
  if (supply === "empty" && progress.data?.n_items === 0) {
    return (
      <div className={styles.card} role="status">
        <h1>{t("There are no items yet")}</h1>
        <p>
          {t("Whoever manages the project brings them in:")} <code>labelwright import FILE</code>
        </p>
        <Button variant="default" onClick={onRefill}>
          {t("Look now")}
        </Button>
      </div>
    );
  }
  const manages = progress.data?.resolved != null;
  const [title, text] =
    supply === "empty"
      ? left > 0
        ? [
            t("Nothing is free just now"),
            `${t("The last {{count}} items are with other people, or not for you.", { count: left })} ${t(
              "What they leave comes to you by itself: this page looks again every half minute.",
            )}`,
          ]
        : [
            t("All done for now"),
            t("Nothing is waiting for you. Thank you! This page looks again every half minute."),
          ]
      : [
          t("The server is out of reach"),
          t("Your answers are safe in this browser. This page keeps trying."),
        ];
  return (
    <div className={styles.card} role="status">
      <h1>{title}</h1>
      <p>{text}</p>
      <Button variant="default" onClick={onRefill}>
        {t("Look now")}
      </Button>
      {manages && supply === "empty" && left === 0 && (
        <p>
          <PageLink href={dashboardPath(project)}>{t("What is due next in this project")}</PageLink>
        </p>
      )}
    </div>
  );
}
