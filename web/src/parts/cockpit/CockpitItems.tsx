import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { sentence } from "../../api/problem";
import type { CockpitQuestion, CockpitRung, SampledItem } from "../../api/types";
import { counted, labelWords } from "../../domain/cockpit";
import { useApi } from "../../session/ApiContext";
import { t } from "../../words/words";
import { percent } from "../desk/suggestedWords";
import styles from "./cockpit.module.css";

interface Props {
  name: string;
  question: CockpitQuestion;
  rung: CockpitRung;
}

const WAIT_MS = 200;

/** Some of what a limit would accept, and what it would just leave. */
export function CockpitItems({ name, question, rung }: Props) {
  const api = useApi();
  const [threshold] = useDebouncedValue(rung.threshold, WAIT_MS);
  const found = useQuery({
    queryKey: ["cockpit-sample", name, question.name, question.certificate?.id, threshold],
    queryFn: () => api.cockpitSample(name, question.name, threshold ?? 0),
    enabled: threshold !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const sample = found.data;
  return (
    <section className={styles.card} aria-label={t("Some of the items")} aria-busy={found.isFetching}>
      <h2>{t("Look before you accept")}</h2>
      {rung.threshold === null ? (
        <p className={styles.say}>
          {rung.is_certified
            ? t(
                "Each group has a threshold of its own here, so there is no single line to draw a sample from.",
              )
            : t("Nothing would be accepted at this limit, so there is nothing to look at.")}
        </p>
      ) : found.isError ? (
        <p className={styles.trouble} role="alert">
          {sentence(found.error)}
        </p>
      ) : sample === undefined ? (
        <p className={styles.say}>{t("One moment…")}</p>
      ) : (
        <>
          <Items
            title={t("{{length}} at random of the {{n_above}} above the line", {
              length: sample.accepted.length,
              n_above: counted(sample.n_above, "item"),
            })}
            items={sample.accepted}
          />
          {sample.below.length > 0 && (
            <Items
              title={t("The {{length}} just below it, left to people", { length: sample.below.length })}
              items={sample.below}
            />
          )}
        </>
      )}
    </section>
  );
}

function Items({ title, items }: { title: string; items: readonly SampledItem[] }) {
  return (
    <>
      <h3>{title}</h3>
      <ul className={styles.items} aria-label={title}>
        {items.map((item) => (
          <li key={item.id}>
            <p dir="auto">{item.excerpt || t("(no text)")}</p>
            <span className={styles.said}>
              {labelWords(item.label)}
              {item.probability !== null && ` · ${percent(item.probability)}`}
            </span>
            <small>{item.id}</small>
          </li>
        ))}
      </ul>
    </>
  );
}
