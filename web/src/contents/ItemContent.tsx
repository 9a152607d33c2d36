import { Suspense } from "react";
import type { Item } from "../api/types";
import { t } from "../words/words";
import { ContentGuard } from "./ContentGuard";
import type { StatedField } from "./content";
import styles from "./contents.module.css";
import { type Field, layoutOf } from "./layoutOf";
import { contentFor } from "./registry";

interface Props {
  item: Item;
  contentFields: readonly string[];
  contents?: readonly StatedField[];
}

const NOTHING_STATED: readonly StatedField[] = [];

/** Everything that is known of an item and may be seen. */
export function ItemContent({ item, contentFields, contents = NOTHING_STATED }: Props) {
  const { glanced, read } = layoutOf(item, contentFields, contents);
  const stated = new Set(contents.filter((one) => one.title).map((one) => one.field));
  return (
    <>
      <div className={styles.meta}>
        <span className={styles.number} dir="ltr">
          #{item.id}
        </span>
        {glanced.map((field) => (
          <span key={field.name} dir="auto">
            <span className={styles.name}>{field.title}</span> {String(field.value)}
          </span>
        ))}
      </div>
      {read.map((field, place) => (
        <div key={field.name} className={styles.field}>
          {(read.length > 1 || stated.has(field.name)) && !field.beside && (
            <h2 className={styles.heading} dir="auto">
              {field.title}
            </h2>
          )}
          <Value item={item} field={field} isMain={place === 0} />
        </div>
      ))}
    </>
  );
}

function Value({ item, field, isMain }: { item: Item; field: Field; isMain: boolean }) {
  const { kind, name, ...shown } = field;
  const Content = contentFor(kind);
  return (
    <ContentGuard value={field.value}>
      <Suspense fallback={<p className={styles.nothing}>{t("One moment …")}</p>}>
        <Content item={item} field={name} isMain={isMain} {...shown} />
      </Suspense>
    </ContentGuard>
  );
}
