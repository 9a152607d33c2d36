import type { Item } from "../api/types";
import { Conversation } from "./Conversation";
import styles from "./contents.module.css";
import { JsonContent } from "./JsonContent";
import { type Field, layoutOf, turnsOf } from "./layoutOf";
import { TextContent } from "./TextContent";

/** Everything that is known of an item and may be seen. */
export function ItemContent({ item, contentFields }: { item: Item; contentFields: readonly string[] }) {
  const { glanced, read } = layoutOf(item, contentFields);
  return (
    <>
      <div className={styles.meta}>
        <span className={styles.number}>#{item.id}</span>
        {glanced.map((field) => (
          <span key={field.name} dir="auto">
            <span className={styles.name}>{words(field.name)}</span> {String(field.value)}
          </span>
        ))}
      </div>
      {read.map((field, place) => (
        <div key={field.name} className={styles.field}>
          {read.length > 1 && <h2 className={styles.heading}>{words(field.name)}</h2>}
          <Value field={field} isMain={place === 0} />
        </div>
      ))}
    </>
  );
}

function Value({ field, isMain }: { field: Field; isMain: boolean }) {
  const { name, value } = field;
  const turns = turnsOf(value);
  if (turns) {
    return <Conversation turns={turns} />;
  }
  if (typeof value === "object") {
    return <JsonContent value={value} />;
  }
  if (typeof value === "string" && value.startsWith("data:image/")) {
    return <img className={styles.image} src={value} alt={words(name)} />;
  }
  return <TextContent text={String(value)} isMain={isMain} name={words(name)} />;
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}
