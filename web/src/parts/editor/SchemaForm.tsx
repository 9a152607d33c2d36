import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { memo, useState } from "react";
import {
  changed,
  type FormLabel,
  type FormQuestion,
  type FormView,
  formOf,
  freeName,
  labelAdded,
  labelChanged,
  moved,
  type Path,
  questionAdded,
  removed,
} from "../../domain/schemaDocument";
import { knownTypes } from "../../widgets/registry";
import { t } from "../../words/words";
import styles from "./editor.module.css";

interface Props {
  yaml: string;
  onChange: (yaml: string) => void;
}

/** The same document as a form: what most people change most. */
export function SchemaForm({ yaml, onChange }: Props) {
  const view = formOf(yaml);
  if (view === null) {
    return (
      <p className={styles.empty}>
        {t("The form comes back when the YAML can be read. Mend it on its side.")}
      </p>
    );
  }
  return <Form view={view} yaml={yaml} onChange={onChange} />;
}

function Form({ view, yaml, onChange }: Props & { view: FormView }) {
  const set = (path: Path, value: string | number) => onChange(changed(yaml, path, value));
  return (
    <div className={styles.form}>
      <Textarea
        label={t("Instruction")}
        description={t("One sentence for people and models, above the guideline")}
        autosize
        minRows={1}
        value={view.instruction}
        onChange={(event) => set(["instruction"], event.currentTarget.value)}
      />
      {view.questions.map((question, place) => (
        <OneQuestion
          // biome-ignore lint/suspicious/noArrayIndexKey: a question is what stands at its place in the document
          key={place}
          question={question}
          place={place}
          count={view.questions.length}
          yaml={yaml}
          onChange={onChange}
        />
      ))}
      <Button variant="default" onClick={() => onChange(questionAdded(yaml, freeName(view)))}>
        {t("Add a question")}
      </Button>
      <fieldset className={styles.group}>
        <legend>{t("How it is done")}</legend>
        <TextInput
          label={t("Target error")}
          description={t("At most this share of what is accepted unseen may be wrong, such as 0.1")}
          inputMode="decimal"
          value={view.targetError}
          placeholder="0.1"
          onChange={(event) => set(["policy", "target_error"], numberOr(event.currentTarget.value))}
        />
        <TextInput
          label={t("People per item in review")}
          inputMode="numeric"
          value={view.reviewVotes}
          placeholder="1"
          onChange={(event) => set(["policy", "review_votes"], numberOr(event.currentTarget.value))}
        />
        <NativeSelect
          label={t("Suggestions")}
          value={view.suggestions || "shown"}
          onChange={(event) => set(["policy", "suggestions"], event.currentTarget.value)}
          data={withOwn(
            [
              { value: "shown", label: t("shown") },
              { value: "hidden", label: t("hidden") },
              { value: "auto", label: t("shown until they are measured to harm") },
            ],
            view.suggestions,
          )}
        />
      </fieldset>
    </div>
  );
}

interface QuestionProps extends Props {
  question: FormQuestion;
  place: number;
  count: number;
}

function OneQuestion({ question, place, count, yaml, onChange }: QuestionProps) {
  const here: Path = ["questions", place];
  const set = (key: string, value: string) => onChange(changed(yaml, [...here, key], value));
  const name = brief(question.title || question.name || t("Question {{number}}", { number: place + 1 }));
  return (
    <fieldset className={styles.group}>
      <legend dir="auto">{name}</legend>
      <div className={styles.row}>
        <TextInput
          label={t("Name")}
          value={question.name}
          onChange={(event) => set("name", event.currentTarget.value)}
        />
        <NativeSelect
          label={t("Kind")}
          value={question.type}
          onChange={(event) => set("type", event.currentTarget.value)}
          data={withOwn(
            knownTypes().map((type) => type.replace("labelwright/", "")),
            question.type,
          )}
        />
      </div>
      <TextInput
        label={t("Title")}
        description={t("What people see above it")}
        value={question.title}
        onChange={(event) => set("title", event.currentTarget.value)}
      />
      <TextInput
        label={t("Help")}
        value={question.help}
        onChange={(event) => set("help", event.currentTarget.value)}
      />
      {question.labels !== null && (
        <Labels labels={question.labels} question={place} yaml={yaml} onChange={onChange} />
      )}
      <div className={styles.acts}>
        <Mover list={["questions"]} place={place} count={count} name={name} yaml={yaml} onChange={onChange} />
        <Button
          variant="default"
          size="compact-sm"
          disabled={count === 1}
          onClick={() => onChange(removed(yaml, here))}
        >
          {t("Remove the question")}
        </Button>
      </div>
    </fieldset>
  );
}

interface LabelsProps extends Props {
  labels: readonly FormLabel[];
  question: number;
}

const Labels = memo(function Labels({ labels, question, yaml, onChange }: LabelsProps) {
  const [fresh, setFresh] = useState("");
  const list: Path = ["questions", question, "labels"];
  const taken = labels.some(({ value }) => value === fresh.trim());
  const add = () => {
    if (fresh.trim() && !taken) {
      onChange(labelAdded(yaml, question, fresh.trim()));
      setFresh("");
    }
  };
  return (
    <div>
      <ol className={styles.labels} aria-label={t("Labels")}>
        {labels.map((label, place) => {
          const set = (change: Partial<FormLabel>) => onChange(labelChanged(yaml, question, place, change));
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a label is what stands at its place in the document
            <li key={place}>
              <div className={styles.row}>
                <TextInput
                  aria-label={t("Label {{number}}", { number: place + 1 })}
                  value={label.value}
                  onChange={(event) => set({ value: event.currentTarget.value })}
                />
                <TextInput
                  aria-label={t("Title of {{label}}", { label: label.value })}
                  placeholder={t("title, if another")}
                  value={label.title}
                  onChange={(event) => set({ title: event.currentTarget.value })}
                />
              </div>
              <div className={styles.row}>
                <TextInput
                  className={styles.wide ?? ""}
                  aria-label={t("When {{label}} applies", { label: label.value })}
                  placeholder={t("when it applies")}
                  value={label.description}
                  onChange={(event) => set({ description: event.currentTarget.value })}
                />
                <Mover
                  list={list}
                  place={place}
                  count={labels.length}
                  name={label.value}
                  yaml={yaml}
                  onChange={onChange}
                />
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={t("Remove {{name}}", { name: label.value })}
                  onClick={() => onChange(removed(yaml, [...list, place]))}
                >
                  ✕
                </Button>
              </div>
            </li>
          );
        })}
      </ol>
      <form
        className={styles.row}
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <TextInput
          className={styles.wide ?? ""}
          aria-label={t("New label")}
          placeholder={t("New label")}
          value={fresh}
          error={taken ? t("It is there already.") : undefined}
          onChange={(event) => setFresh(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          {t("Add")}
        </Button>
      </form>
    </div>
  );
});

interface MoverProps extends Props {
  list: Path;
  place: number;
  count: number;
  name: string;
}

function Mover({ list, place, count, name, yaml, onChange }: MoverProps) {
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        disabled={place === 0}
        aria-label={t("Move {{name}} up", { name })}
        onClick={() => onChange(moved(yaml, list, place, -1))}
      >
        ↑
      </Button>
      <Button
        variant="default"
        size="compact-sm"
        disabled={place === count - 1}
        aria-label={t("Move {{name}} down", { name })}
        onClick={() => onChange(moved(yaml, list, place, 1))}
      >
        ↓
      </Button>
    </>
  );
}

/** A number as a number; what is none stays as it is typed, and the check says what is wrong with it. */
function numberOr(text: string): string | number {
  return text.trim() !== "" && Number.isFinite(Number(text)) && !text.endsWith(".") ? Number(text) : text;
}

/** The choices, and what is written there, whatever it is. */
function withOwn<Choice extends string | { value: string; label: string }>(
  choices: readonly Choice[],
  own: string,
): (Choice | string)[] {
  const known = choices.some((one) => (typeof one === "string" ? one : one.value) === own);
  return own === "" || known ? [...choices] : [...choices, own];
}

/** So much of a title names a question; all of it stands in its field. */
const BRIEF = 60;

function brief(title: string): string {
  const signs = [...title];
  return signs.length > BRIEF ? `${signs.slice(0, BRIEF).join("").trimEnd()}…` : title;
}
