import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { sentence } from "../../api/problem";
import { itemPath, itemsPath } from "../../domain/route";
import { useApi } from "../../session/ApiContext";
import { navigate } from "../../session/useRoute";
import { decimal } from "../../words/figures";
import { t } from "../../words/words";
import styles from "./item.module.css";

/** Items worded like this one, looked for when asked. */
export function Similar({ name, item }: { name: string; item: string }) {
  const api = useApi();
  const [isAsked, setAsked] = useState(false);
  const said = useRef<HTMLDivElement>(null);
  const found = useQuery({
    queryKey: ["similar", name, item],
    queryFn: () => api.similarItems(name, item),
    enabled: isAsked,
    retry: false,
  });
  function ask(): void {
    setAsked(true);
    said.current?.focus(); // the button that had the focus is gone
  }
  return (
    <section className={styles.card} aria-label={t("Similar items")}>
      <h2>{t("Similar items")}</h2>
      {!isAsked && (
        <Button variant="default" size="compact-md" className={styles.wraps} onClick={ask}>
          {t("Find items worded like it")}
        </Button>
      )}
      <div role="status" ref={said} tabIndex={-1}>
        {isAsked && found.isPending && <p className={styles.say}>{t("Looking…")}</p>}
        {found.error !== null && <p className={styles.say}>{sentence(found.error)}</p>}
        {found.data && (
          <p className={styles.say}>
            {t("{{count}} found among {{n}}, nearest first; by wording, not by meaning.", {
              count: found.data.items.length,
              n: found.data.n_compared,
            })}
          </p>
        )}
      </div>
      {found.data && found.data.items.length > 0 && (
        <Button
          variant="default"
          size="compact-md"
          className={styles.wraps}
          onClick={() =>
            navigate(`${itemsPath(name)}?${new URLSearchParams({ view: "bulk", similar: item })}`)
          }
        >
          {t("Accept those in bulk…")}
        </Button>
      )}
      {found.data && (
        <ol className={styles.tree}>
          {found.data.items.map((one) => (
            <li key={one.id} className={styles.branch}>
              <a
                href={itemPath(name, one.id)}
                onClick={(event) => {
                  if (!event.metaKey && !event.ctrlKey && !event.shiftKey) {
                    event.preventDefault();
                    navigate(itemPath(name, one.id));
                  }
                }}
                dir="auto"
              >
                {one.id}
              </a>{" "}
              <span className={styles.when}>{decimal(one.similarity, 2)}</span>
              <span className={styles.facts} dir="auto">
                {" "}
                {one.excerpt}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
