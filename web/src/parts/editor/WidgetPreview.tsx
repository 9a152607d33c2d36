import { Button } from "@mantine/core";
import { useState } from "react";
import type { ExampleItem, Item, Project, Question } from "../../api/types";
import { ItemContent } from "../../contents/ItemContent";
import { keymapOf } from "../../keys/bindings";
import { widgetFor } from "../../widgets/registry";
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
export function WidgetPreview({ project, items }: Props) {
  const [place, setPlace] = useState(0);
  const found = items[place % Math.max(items.length, 1)];
  if (found === undefined) {
    return <p className={styles.empty}>{t("The project has no items yet: nothing can be shown.")}</p>;
  }
  const item: Item = { id: found.id, content: found.content, metadata: {}, media: {} };
  return (
    <>
      <div className={styles.acts}>
        <Button variant="default" size="compact-sm" onClick={() => setPlace(place + 1)}>
          {t("Another item")}
        </Button>
        <p className={styles.hint}>{t("Try it: what you answer here is sent nowhere.")}</p>
      </div>
      <div className={styles.preview}>
        <ItemContent item={item} contentFields={project.content_fields} />
        {project.questions.map((question) => (
          <Guarded key={`${item.id}/${question.name}/${JSON.stringify(question)}`}>
            <TriedQuestion project={project} question={question} item={item} />
          </Guarded>
        ))}
      </div>
    </>
  );
}

function TriedQuestion({ project, question, item }: { project: Project; question: Question; item: Item }) {
  const widget = widgetFor(question.type);
  const [value, setValue] = useState<unknown>(() => widget?.initial(question.settings, null));
  const keys = keymapOf(project.questions, null).byQuestion.get(question.name) ?? [];
  return (
    <>
      <QuestionBlock
        id={`preview/${item.id}/${question.name}`}
        item={item}
        question={question}
        value={value}
        suggestion={null}
        keys={keys}
        reasons={[]}
        onAct={(action) => setValue((before: unknown) => widget?.reduce(before, action, question.settings))}
      />
      {widget && (
        <p className={styles.hint} role="status">
          {widget.problems(value, question.settings)[0]?.text ??
            t("Would be submitted: {{answer}}", { answer: widget.describe(value, question.settings) })}
        </p>
      )}
    </>
  );
}
