import { Button, Group, Modal, Radio, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { NewRemark } from "../../api/types";
import { t } from "../../words/words";
import { reasonKeys } from "./reasonKeys";

const REASONS = (): readonly string[] => [
  t("The item is broken or incomplete"),
  t("No label fits"),
  t("The guideline does not cover it"),
  t("A good example for the guideline"),
];
const LONGEST = 4000;

interface Props {
  /** Sends it; what it resolves to is null, or why it could not be sent. */
  onRemark: (remark: NewRemark) => Promise<string | null>;
  onClose: () => void;
}

/** Flag the item, or just comment on it: it stays on the desk, to be labelled as before. */
export default function FlagDialog({ onRemark, onClose }: Props) {
  const reasons = REASONS();
  const [choice, setChoice] = useState("");
  const [words, setWords] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const said = choice !== "" || words.trim() !== "";

  async function send(kind: NewRemark["kind"]): Promise<void> {
    if (!said || isBusy || (kind === "comment" && words.trim() === "")) {
      return;
    }
    setBusy(true);
    const failed = await onRemark({ kind, reason: kind === "flag" ? choice : "", text: words.trim() });
    setBusy(false);
    setProblem(failed);
    if (failed === null) {
      onClose();
    }
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={t("Flag this item")}
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void send("flag");
        }}
        onKeyDown={reasonKeys(reasons, setChoice, () => void send("flag"))}
      >
        <Radio.Group
          label={t("What is it? (keys 1–{{n}})", { n: reasons.length })}
          value={choice}
          onChange={setChoice}
          mb="sm"
        >
          {reasons.map((text, place) => (
            <Radio
              key={text}
              value={text}
              label={`${place + 1} · ${text}`}
              mt="xs"
              data-autofocus={place === 0 || undefined}
            />
          ))}
        </Radio.Group>
        <Textarea
          label={t("In your words")}
          maxLength={LONGEST}
          autosize
          minRows={2}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        {problem !== null && <p role="alert">{problem}</p>}
        <Group justify="flex-end" mt="sm">
          <Button variant="default" disabled={words.trim() === ""} onClick={() => void send("comment")}>
            {t("Only comment")}
          </Button>
          <Button type="submit" disabled={!said} loading={isBusy}>
            {t("Flag (Enter)")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
