import styles from "./contents.module.css";
import { JsonContent } from "./JsonContent";
import type { Turn } from "./layoutOf";
import { TextContent } from "./TextContent";

/** Turns of a conversation, each under its speaker's name. */
export function Conversation({ turns }: { turns: readonly Turn[] }) {
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
