import { type ComponentType, lazy, Suspense } from "react";
import { t } from "../../words/words";
import styles from "../widgets.module.css";

/** A picture that is fetched when it is first shown: who labels texts never loads it. */
export function lazily<Props extends object>(
  load: () => Promise<{ Render: ComponentType<Props> }>,
): ComponentType<Props> {
  const Later = lazy(async () => ({ default: (await load()).Render })) as unknown as ComponentType<Props>;
  return function Loading(props: Props) {
    return (
      <Suspense fallback={<p className={styles.hint}>{t("Loading…")}</p>}>
        <Later {...props} />
      </Suspense>
    );
  };
}
