import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "../../api/problem";
import type { ConfigurationVersion } from "../../api/types";
import { useApi } from "../../session/ApiContext";
import { spoken, t } from "../../words/words";
import { DiffView } from "./DiffView";
import styles from "./editor.module.css";

interface Props {
  name: string;
  versions: readonly ConfigurationVersion[];
  onBringBack: (version: number) => void;
}

/** Every version with what it changed; two side by side; an older one brought back. */
export function VersionList({ name, versions, onBringBack }: Props) {
  const newest = versions[0]?.version ?? 1;
  const [old, setOld] = useState(Math.max(1, newest - 1));
  const [now, setNow] = useState(newest);
  const choices = versions.map(({ version }) => ({
    value: String(version),
    label: t("version {{version}}", { version }),
  }));
  return (
    <div className={styles.two}>
      <section className={styles.card} aria-label={t("Versions")}>
        <h2>{t("Versions")}</h2>
        <ol className={styles.versions}>
          {versions.map((one) => (
            <li key={one.version}>
              <p>
                <b>{t("version {{version}}", { version: one.version })}</b>{" "}
                {one.in_force && <span className={styles.badge}>{t("in force")}</span>}
              </p>
              <p className={styles.hint}>{whenAndWho(one)}</p>
              <ul>
                {one.changed.map((line) => (
                  <li key={line} dir="auto">
                    {line}
                  </li>
                ))}
              </ul>
              {!one.in_force && (
                <div className={styles.acts}>
                  <Button
                    variant="default"
                    size="compact-sm"
                    aria-label={t("Compare version {{version}} with what is in force", {
                      version: one.version,
                    })}
                    onClick={() => {
                      setOld(one.version);
                      setNow(newest);
                    }}
                  >
                    {t("Compare")}
                  </Button>
                  <Button
                    variant="default"
                    size="compact-sm"
                    aria-label={t("Bring version {{version}} back", { version: one.version })}
                    onClick={() => onBringBack(one.version)}
                  >
                    {t("Bring back…")}
                  </Button>
                </div>
              )}
            </li>
          ))}
        </ol>
      </section>
      <section className={styles.card} aria-label={t("What differs")}>
        <h2>{t("What differs")}</h2>
        <div className={styles.row}>
          <NativeSelect
            label={t("From")}
            data={choices}
            value={String(old)}
            onChange={(event) => setOld(Number(event.currentTarget.value))}
          />
          <NativeSelect
            label={t("To")}
            data={choices}
            value={String(now)}
            onChange={(event) => setNow(Number(event.currentTarget.value))}
          />
        </div>
        <Difference name={name} old={old} now={now} />
      </section>
    </div>
  );
}

function Difference({ name, old, now }: { name: string; old: number; now: number }) {
  const api = useApi();
  const found = useQuery({
    queryKey: ["version-diff", name, old, now],
    queryFn: () => api.versionDiff(name, old, now),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (found.isError) {
    return <p role="alert">{sentence(found.error)}</p>;
  }
  return found.data ? <DiffView diff={found.data} /> : <p role="status">{t("One moment…")}</p>;
}

function whenAndWho({ at, by, via }: ConfigurationVersion): string {
  const when = new Date(at).toLocaleString(spoken(), { dateStyle: "medium", timeStyle: "short" });
  const where = via === "server" ? t("on the page") : t("at the machine");
  return [when, by, where].filter(Boolean).join(" · ");
}
