import type { Question, Reason } from "../../api/types";
import { reasonWords } from "../../domain/itemLife";
import styles from "./item.module.css";

/** Why a label is what it is: each line rests on those under it. */
export function ReasonTree({ node, question }: { node: Reason; question: Question | undefined }) {
  return (
    <ul className={styles.tree}>
      <Node node={node} question={question} />
    </ul>
  );
}

function Node({ node, question }: { node: Reason; question: Question | undefined }) {
  const { title, facts } = reasonWords(node, question);
  return (
    <li className={styles.branch} data-kind={node.kind}>
      <span className={styles.title}>
        <bdi>{title}</bdi>
      </span>
      <ul className={styles.facts}>
        {facts.map((fact) => (
          <li key={fact}>
            <bdi>{fact}</bdi>
          </li>
        ))}
      </ul>
      {node.children.length > 0 && (
        <ul>
          {node.children.map((child, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a tree that is read, never reordered
            <Node key={place} node={child} question={question} />
          ))}
        </ul>
      )}
    </li>
  );
}
