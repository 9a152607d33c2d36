import { Button } from "@mantine/core";
import { useState } from "react";
import type { Entry, ExampleItem, Item, Project, Question } from "../../api/types";
import { ItemContent } from "../../contents/ItemContent";
import { StatedFields } from "../../contents/stated";
import { shownQuestions } from "../../domain/asked";
import { keymapOf } from "../../keys/bindings";
import { itemBeside, widgetFor } from "../../widgets/registry";
import { t } from "../../words/words";
import { QuestionBlock } from "../desk/QuestionBlock";
import styles from "./editor.module.css";
import { Guarded } from "./Guarded";

interface Props {
  /** As the draft would have it; the last one that could be read. */
  project: Project;
  items: readonly ExampleItem[];
}

/** What people would see, with an item of the project. Answers work, and go nowhere. */
export default function WidgetPreview({ project, items }: Props) {
  const [place, setPlace] = useState(0);
  const found = items[place % Math.max(items.length, 1)];
  if (found === undefined) {
    return <p className={styles.empty}>{t("The project has no items yet: nothing can be shown.")}</p>;
  }
  return (
    <>
      <div className={styles.acts}>
        <Button variant="default" size="compact-sm" onClick={() => setPlace(place + 1)}>
          {t("Another item")}
        </Button>
        <p className={styles.hint}>{t("Try it: what you answer here is sent nowhere.")}</p>
      </div>
      <div className={styles.preview}>
        <Guarded key={`${found.id}/${JSON.stringify(project.questions)}`}>
          <TriedItem project={project} found={found} />
        </Guarded>
      </div>
    </>
  );
}

function TriedItem({ project, found }: { project: Project; found: ExampleItem }) {
  const [answers, setAnswers] = useState<Record<string, unknown>>({});
  const item: Item = { id: found.id, content: found.content, metadata: {}, media: {}, warning: null };
  const entry: Entry = {
    lease: "",
    expires_at: "",
    item,
    questions: project.questions.map(({ name }) => name),
    suggestions: null,
    display: "hidden",
    first_answers: null,
    reason: null,
    round: 0,
    draft: null,
  };
  const questions = shownQuestions(project, entry, answers);
  const keys = keymapOf(project.questions, null).byQuestion;
  const beside = itemBeside(item, questions);

  function act(question: Question, action: unknown): void {
    setAnswers((before) => {
      const next = widgetFor(question.type)?.reduce(given(question, before), action, question.settings, {
        item,
        suggestion: null,
      });
      return { ...before, [question.name]: next };
    });
  }

  return (
    <StatedFields value={project.contents}>
      <ItemContent item={beside} contentFields={project.content_fields} contents={project.contents} />
      {questions.map((question) => (
        <div key={question.name}>
          <QuestionBlock
            id={`preview/${item.id}/${question.name}`}
            item={item}
            question={question}
            value={given(question, answers)}
            suggestion={null}
            keys={keys.get(question.name) ?? []}
            reasons={[]}
            acceptCap=""
            onAct={(action) => act(question, action)}
            onClear={
              question.required || answers[question.name] === undefined
                ? null
                : () => setAnswers(({ [question.name]: _, ...others }) => others)
            }
          />
          <p className={styles.hint} role="status">
            {standing(question, given(question, answers))}
          </p>
        </div>
      ))}
    </StatedFields>
  );
}

function given(question: Question, answers: Readonly<Record<string, unknown>>): unknown {
  return answers[question.name] ?? widgetFor(question.type)?.initial(question.settings, null) ?? null;
}

function standing(question: Question, value: unknown): string {
  const widget = widgetFor(question.type);
  if (widget === null) {
    return "";
  }
  const [problem] = widget.problems(value, question.settings);
  return (
    problem?.text ??
    t("Would be submitted: {{answer}}", { answer: widget.describe(value, question.settings) })
  );
}
