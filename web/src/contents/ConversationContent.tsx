import type { ContentProps } from "./content";
import styles from "./contents.module.css";
import { JsonContent } from "./JsonContent";
import { turnsOf } from "./layoutOf";
import { TextContent } from "./TextContent";

/** `as: conversation`: its turns, each under its speaker's name. */
export default function ConversationContent({ value }: ContentProps) {
  const turns = turnsOf(value);
  if (turns === null) {
    return <JsonContent value={value} />;
  }
  return (
    <ol className={styles.turns}>
      {turns.map((turn, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: turns never move
        <li key={place} data-side={turn.role === "assistant" ? "right" : "left"}>
          <b dir="auto">{turn.role}</b>
          {typeof turn.content === "string" ? (
            <TextContent text={turn.content} isMain={false} name={`turn ${place + 1}`} />
          ) : (
            <JsonContent value={turn.content} />
          )}
        </li>
      ))}
    </ol>
  );
}
