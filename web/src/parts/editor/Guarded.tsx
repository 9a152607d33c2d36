import { Component, type ReactNode } from "react";
import { t } from "../../words/words";
import styles from "./editor.module.css";

/** A half-written question that its widget cannot draw must not take the page with it. */
export class Guarded extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? (
      <p className={styles.empty}>{t("This question cannot be drawn as it is written now.")}</p>
    ) : (
      this.props.children
    );
  }
}
