import { Button, Modal } from "@mantine/core";
import type { Project } from "../../api/types";
import { nameOf } from "../../keys/rebind";
import { tableOf } from "../../keys/table";
import type { OwnKeys } from "../../keys/useKeys";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import styles from "./HelpDialog.module.css";

interface Props {
  project: Project;
  keys: OwnKeys;
  onChangeKeys: () => void;
  onClose: () => void;
}

/** Every key there is, from the tables that the keyboard itself reads. */
export default function HelpDialog({ project, keys, onChangeKeys, onClose }: Props) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("All keys")}
      size="lg"
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <div className={styles.columns}>
        {tableOf(project, keys, keys.layout).map(({ title, rows }) => (
          <section key={title}>
            <h3>
              <bdi>{title}</bdi>
            </h3>
            <dl>
              {rows.map(({ target, label, caps }) => (
                <div key={nameOf(target)}>
                  <dt>
                    {(caps.length > 0 ? caps : ["–"]).map((cap) => (
                      <Cap key={cap} isSpoken>
                        {cap}
                      </Cap>
                    ))}
                  </dt>
                  <dd dir="auto">{label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className={styles.foot}>
        <p className={styles.note}>
          {t(
            "Keys go by their place on the keyboard, so they stay put on every layout. Tab and the arrow keys reach everything as well. Shortcuts of single keys can be switched off in the menu under your name.",
          )}
        </p>
        <Button variant="default" onClick={onChangeKeys}>
          {t("Change keys…")}
        </Button>
      </div>
    </Modal>
  );
}
