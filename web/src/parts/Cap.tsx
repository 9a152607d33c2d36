import styles from "./Cap.module.css";

/** What is printed on a key. Hidden from screen readers inside labels, where it would be read as part of the name. */
export function Cap({ children, isSpoken = false }: { children: string; isSpoken?: boolean }) {
  return (
    <kbd dir="ltr" className={styles.cap} aria-hidden={isSpoken ? undefined : true}>
      {children}
    </kbd>
  );
}
