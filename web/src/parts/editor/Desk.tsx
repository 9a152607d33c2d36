import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useEffectEvent, useState } from "react";
import { sentence } from "../../api/problem";
import type { AppliedDraft, Project, WrittenConfiguration } from "../../api/types";
import { withExample } from "../../domain/guidelineExamples";
import { exampleAdded, formOf } from "../../domain/schemaDocument";
import { useApi } from "../../session/ApiContext";
import { fetchWidgets, knownTypes } from "../../widgets/registry";
import { t } from "../../words/words";
import { GuidelineText } from "../GuidelineText";
import { ApplyDialog } from "./ApplyDialog";
import styles from "./editor.module.css";
import { ItemPicker } from "./ItemPicker";
import { SchemaForm } from "./SchemaForm";
import { useDraft } from "./useDraft";

const CodeEditor = lazy(() => import("./CodeEditor"));
const WidgetPreview = lazy(async () => {
  await fetchWidgets(knownTypes()); // a question's type may become any of them while it is written
  return import("./WidgetPreview");
});

interface Props {
  name: string;
  inForce: WrittenConfiguration;
  /** An older version that is to be put in force again. */
  broughtBack: number | null;
  onDone: () => void;
  onCompare: () => void;
}

/** A configuration being written: YAML and form, guideline and what it looks like, and what people would see. */
export function Desk({ name, inForce, broughtBack, onDone, onCompare }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const [draft, change, forget] = useDraft(name, inForce);
  const [dialog, setDialog] = useState<"apply" | "examples" | null>(null);
  const [said, setSaid] = useState("");
  const [asked] = useDebouncedValue({ yaml: draft.yaml, guideline: draft.guideline }, 300);
  const check = useQuery({
    queryKey: ["configuration-check", name, inForce.version, asked],
    queryFn: () => api.checkDraft(name, asked),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const items = useQuery({
    queryKey: ["example-items", name, "", ""],
    queryFn: () => api.exampleItems(name, "", ""),
  });
  useBroughtBack();
  const [shown, setShown] = useState<Project | null>(null);
  const read = check.data?.project ?? null;
  if (read !== null && read !== shown) {
    setShown(read);
  }
  const problem = check.data?.problem ?? null;
  const changes = check.data?.changes ?? [];
  const isOld = draft.expected !== inForce.version && dialog !== "apply";
  const labels = (formOf(draft.yaml)?.questions ?? []).flatMap((question) =>
    (question.labels ?? []).map(({ value }) => value),
  );

  function useBroughtBack(): void {
    const take = useEffectEvent((older: WrittenConfiguration) => {
      change({ yaml: older.yaml, guideline: older.guideline, expected: inForce.version });
      setSaid(
        t("Version {{version}} is on the desk. Apply puts it in force again.", { version: older.version }),
      );
    });
    const older = useQuery({
      queryKey: ["version", name, broughtBack],
      queryFn: () => api.version(name, broughtBack ?? 1),
      enabled: broughtBack !== null,
      staleTime: Number.POSITIVE_INFINITY,
    });
    useEffect(() => {
      if (older.data) {
        take(older.data);
      }
    }, [older.data]);
  }

  async function applied({ version }: AppliedDraft): Promise<void> {
    // What was written stays as it was written, comments included, until the page is left.
    const { yaml, guideline } = draft;
    queries.setQueryData(["version", name, version], { version, yaml, guideline, in_force: true });
    await queries.invalidateQueries({ queryKey: ["versions", name] });
    setDialog(null);
    forget();
    onDone();
    setSaid(t("Version {{version}} is in force.", { version }));
    for (const key of ["cockpit", "report", "project"]) {
      void queries.invalidateQueries({ queryKey: [key, name] });
    }
  }

  return (
    <div className={styles.desk}>
      <p role="status" className={said ? styles.said : "for-ears"}>
        {said}
      </p>
      {isOld && (
        <div role="alert" className={styles.problem}>
          <p>
            {t(
              "This draft was made from version {{old}}, and version {{version}} has come since. Compare them before you go on: what applies next replaces it.",
              { old: draft.expected, version: inForce.version },
            )}
          </p>
          <div className={styles.acts}>
            <Button variant="default" size="compact-sm" onClick={onCompare}>
              {t("Compare versions")}
            </Button>
            <Button variant="default" size="compact-sm" onClick={() => change({ expected: inForce.version })}>
              {t("Keep my draft")}
            </Button>
            <Button variant="default" size="compact-sm" onClick={forget}>
              {t("Take what is in force")}
            </Button>
          </div>
        </div>
      )}
      <div className={styles.two}>
        <section className={`${styles.card} ${styles.stays}`} aria-label="YAML">
          <h2>project.yaml</h2>
          <Suspense fallback={<p role="status">{t("One moment…")}</p>}>
            <CodeEditor
              language="yaml"
              label={t("project.yaml")}
              value={draft.yaml}
              onChange={(yaml) => change({ yaml })}
              problem={problem}
            />
          </Suspense>
        </section>
        <section className={styles.card} aria-label={t("Form")}>
          <h2>{t("As a form")}</h2>
          <SchemaForm yaml={draft.yaml} onChange={(yaml) => change({ yaml })} />
        </section>
      </div>
      <div className={styles.two}>
        <section className={styles.card} aria-label={t("Guideline")}>
          <div className={styles.acts}>
            <h2>{t("Guideline")}</h2>
            <Button variant="default" size="compact-sm" onClick={() => setDialog("examples")}>
              {t("Examples from items…")}
            </Button>
          </div>
          <Suspense fallback={<p role="status">{t("One moment…")}</p>}>
            <CodeEditor
              language="markdown"
              label={t("Guideline, as Markdown")}
              value={draft.guideline}
              onChange={(guideline) => change({ guideline })}
            />
          </Suspense>
        </section>
        <section className={styles.card} aria-label={t("The guideline as people read it")}>
          <h2>{t("As people read it")}</h2>
          <section
            className={styles.guide}
            aria-label={t("As people read it")}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            tabIndex={0}
          >
            <GuidelineText text={draft.guideline} />
          </section>
        </section>
      </div>
      <section className={styles.card} aria-label={t("As people see it")}>
        <h2>{t("As people see it")}</h2>
        {items.isError && <p role="alert">{sentence(items.error)}</p>}
        {shown && items.data && (
          <Suspense fallback={<p role="status">{t("Loading…")}</p>}>
            <WidgetPreview project={shown} items={items.data} />
          </Suspense>
        )}
        {!items.data && !items.isError && <p role="status">{t("Looking for an item…")}</p>}
      </section>
      <footer
        className={styles.bar}
        data-idle={(changes.length === 0 && !problem && !check.isError) || undefined}
      >
        <p role="alert" data-kind={problem ? "problem" : "fine"}>
          {check.isError && sentence(check.error)}
          {problem && (problem.line === null ? "" : `${t("Line {{line}}:", { line: problem.line })} `)}
          {problem?.text}
        </p>
        {!problem && <p>{standing(changes.length)}</p>}
        <Button
          variant="default"
          disabled={changes.length === 0 && !problem}
          onClick={() => {
            forget();
            onDone();
            setSaid(t("The draft is thrown away: this is what is in force."));
          }}
        >
          {t("Throw away")}
        </Button>
        <Button
          disabled={problem !== null || changes.length === 0 || isOld}
          onClick={() => setDialog("apply")}
        >
          {t("What does this touch?")}
        </Button>
      </footer>
      {dialog === "apply" && (
        <ApplyDialog
          name={name}
          draft={draft}
          guideline={inForce.guideline}
          onApplied={applied}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "examples" && (
        <ItemPicker
          name={name}
          contentFields={shown?.content_fields ?? []}
          labels={[...new Set(labels)]}
          onGuideline={(item) =>
            change({ guideline: withExample(draft.guideline, item, shown?.content_fields ?? []) })
          }
          onPrompt={(item) => change({ yaml: exampleAdded(draft.yaml, item.id) })}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}

function standing(changes: number): string {
  return changes === 0
    ? t("Nothing differs from what is in force.")
    : t("{{count}} changes, not in force yet", { count: changes });
}
