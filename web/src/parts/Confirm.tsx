import { Button, Group, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { t } from "../words/words";
import styles from "./cockpit/cockpit.module.css";
import { useFocusBack } from "./useFocusBack";

interface Props {
  title: string;
  /** What the button that does it says. */
  act: string;
  isBusy: boolean;
  /** Nothing can be done: the button is off. */
  isBlocked?: boolean;
  onAct: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something that touches many items. */
export function Confirm({ title, act, isBusy, isBlocked = false, onAct, onClose, children }: Props) {
  useFocusBack();
  return (
    <Modal.Root opened onClose={onClose}>
      <Modal.Overlay />
      <Modal.Content aria-label={title} aria-labelledby={undefined}>
        <Modal.Body className={styles.confirm ?? ""}>
          <h2>{title}</h2>
          {children}
          <Group justify="flex-end" mt="md">
            <Button variant="default" onClick={onClose} data-autofocus>
              {t("Leave it")}
            </Button>
            <Button loading={isBusy} disabled={isBlocked} onClick={onAct}>
              {act}
            </Button>
          </Group>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
