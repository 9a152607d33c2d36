import { Button, Group, Modal } from "@mantine/core";
import type { Worked } from "../../domain/breaks";
import { t } from "../../words/words";

interface Props {
  worked: Worked;
  onRest: () => void;
  onGoOn: () => void;
}

/** A calm word, never a wall: going on is one key. */
export default function BreakDialog({ worked, onRest, onGoOn }: Props) {
  const minutes = Math.round(worked.seconds / 60);
  return (
    <Modal
      opened
      onClose={onGoOn}
      title={t("Time for a break?")}
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <p>
        {t("You have worked for {{minutes}} min and done {{items}} items since your last rest.", {
          minutes,
          items: worked.items,
        })}{" "}
        {t("Everything is saved. Nobody but you sees this reminder.")}
      </p>
      <Group justify="flex-end">
        <Button variant="default" onClick={onGoOn}>
          {t("Go on")}
        </Button>
        <Button onClick={onRest} data-autofocus>
          {t("Take a break")}
        </Button>
      </Group>
    </Modal>
  );
}
