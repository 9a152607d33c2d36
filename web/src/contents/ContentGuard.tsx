import { Component, type ReactNode } from "react";
import { t } from "../words/words";
import styles from "./contents.module.css";
import { JsonContent } from "./JsonContent";

/** One content that fails takes neither the item nor the answers with it: its value is shown as it is. */
export class ContentGuard extends Component<{ value: unknown; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) {
      return this.props.children;
    }
    return (
      <>
        <p className={styles.trouble} role="status">
          {t("This could not be shown as the project wants it; below is what the field holds.")}
        </p>
        <JsonContent value={this.props.value} />
      </>
    );
  }
}
