import type { ReactNode } from "react";
import styles from "./Message.module.css";

/** A page that says one thing. */
export function Message({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <p className={styles.brand}>Labelwright</p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
