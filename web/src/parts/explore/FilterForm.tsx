import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Person, Project } from "../../api/types";
import { type Condition, type Filter, labelChoices, RARE } from "../../domain/exploring";
import { statusWords } from "../../domain/itemLife";
import { t } from "../../words/words";
import styles from "./explore.module.css";

const STATUSES = [
  "auto-accepted",
  "human-verified",
  "consensus",
  "bulk-accepted",
  "unverified",
  "unresolved",
];

interface Props {
  project: Project;
  people: readonly Person[];
  filter: Filter;
  isBusy: boolean;
  onFilter: (filter: Filter) => void;
}

/** What must hold of the items. A choice acts at once, typed words with Enter. */
export function FilterForm({ project, people, filter, isBusy, onFilter }: Props) {
  const [typed, setTyped] = useState<Filter>(filter);
  const [shownFilter, setShownFilter] = useState(filter);
  const [showsAll, setShowsAll] = useState(RARE.some((name) => filter[name] !== undefined));
  if (shownFilter !== filter) {
    setShownFilter(filter);
    setTyped(filter);
  }
  const question =
    project.questions.find((one) => one.name === typed.question) ?? project.questions[0] ?? undefined;
  const labels = labelChoices(question);

  const choose = (name: Condition, value: string): void => onFilter({ ...typed, [name]: value });
  const text = (name: Condition, label: string, more: { type?: string; wide?: boolean } = {}) => (
    <TextInput
      className={more.wide ? styles.wide : undefined}
      label={label}
      type={more.type ?? "text"}
      inputMode={more.type === "number" ? "numeric" : undefined}
      {...(more.type === "number" ? { min: 0, max: 100, step: "any" } : {})}
      maxLength={500}
      autoComplete="off"
      value={typed[name] ?? ""}
      onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
    />
  );
  const select = (name: Condition, label: string, options: readonly (readonly [string, string])[]) => (
    <NativeSelect
      label={label}
      value={typed[name] ?? ""}
      onChange={(event) => choose(name, event.currentTarget.value)}
      data={[{ value: "", label: t("any") }, ...options.map(([value, words]) => ({ value, label: words }))]}
    />
  );
  const label = (name: Condition, words: string) =>
    labels.length > 0
      ? select(
          name,
          words,
          labels.map((one) => [one.value, one.label] as const),
        )
      : text(name, t("{{name}} (as JSON)", { name: words }));

  return (
    <form
      aria-label={t("Which items")}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onFilter(typed);
      }}
    >
      <div className={styles.form}>
        {project.questions.length > 1 && (
          <NativeSelect
            label={t("Question")}
            value={question?.name ?? ""}
            onChange={(event) =>
              onFilter({
                ...typed,
                question: event.currentTarget.value,
                label: "",
                predicted: "",
                answer: "",
              })
            }
            data={project.questions.map((one) => ({ value: one.name, label: one.title || one.name }))}
          />
        )}
        {text("text", t("Words in the text or the id"), { wide: true })}
        {select("status", t("Settled by"), [
          ...STATUSES.map((status) => [status, statusWords(status)] as const),
          ["none", t("not settled yet")],
        ])}
        {label("predicted", t("The model says"))}
        {label("label", t("Label of record"))}
        {select("noted", t("Remarks"), [
          ["flag", t("flagged")],
          ["comment", t("commented")],
          ["any", t("flagged or commented")],
        ])}
        {showsAll && (
          <>
            {label("answer", t("Somebody says"))}
            {select(
              "annotator",
              t("Answered by"),
              people.map((one) => [one.id, one.name] as const),
            )}
            {select("differing", t("Disagreement"), [
              ["people", t("people differ")],
              ["model", t("a person differs from the model")],
            ])}
            {text("least", t("Probability at least, %"), { type: "number" })}
            {text("most", t("Probability at most, %"), { type: "number" })}
            {select("route", t("Decided"), [
              ["accept", t("accepted unseen")],
              ["audit", t("accepted unseen, and audited")],
              ["review", t("sent to people")],
              ["calibration", t("kept for calibration")],
            ])}
            {select("waiting", t("In the queue"), [
              ["open", t("waits for somebody")],
              ["leased", t("in somebody's hands")],
              ["none", t("not waiting")],
            ])}
            {text("since", t("Answered from"), { type: "date" })}
            {text("until", t("Answered until"), { type: "date" })}
            {text("field", t("Metadata field"))}
            {text("value", t("has the value"))}
          </>
        )}
      </div>
      <div className={styles.row}>
        <Button type="submit" loading={isBusy} mt="sm">
          {t("Show")}
        </Button>
        <Button variant="default" mt="sm" onClick={() => setShowsAll(!showsAll)} aria-expanded={showsAll}>
          {showsAll ? t("Fewer conditions") : t("More conditions")}
        </Button>
        <Button variant="default" mt="sm" onClick={() => onFilter({})}>
          {t("All items")}
        </Button>
      </div>
    </form>
  );
}
