import styles from "./Cap.module.css";

/** What is printed on a key. Hidden from screen readers inside labels, where it would be read as part of the name. */
export function Cap({ children, isSpoken = false }: { children: string; isSpoken?: boolean }) {
  return (
    <kbd className={styles.cap} aria-hidden={isSpoken ? undefined : true}>
      <bdi dir="ltr">{children}</bdi>
    </kbd>
  );
}
