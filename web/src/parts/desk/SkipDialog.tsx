import { Button, Group, Modal, Radio, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { msg, t } from "../../words/words";
import { reasonKeys } from "./reasonKeys";

const REASONS = [
  msg("I cannot decide: the item is unclear"),
  msg("The guideline does not cover it"),
  msg("I do not know the language or the subject"),
  msg("It is distressing"),
];
const OTHER = "other";
const LONGEST = 500;

interface Props {
  onSkip: (reason: string) => void;
  onClose: () => void;
}

/** Skipping costs nothing; the reason helps whoever gets the item next. */
export default function SkipDialog({ onSkip, onClose }: Props) {
  const [choice, setChoice] = useState(REASONS[0] ?? OTHER);
  const [words, setWords] = useState("");
  const reason = choice === OTHER ? words.trim() : choice;

  function skip(): void {
    if (reason !== "") {
      onClose();
      onSkip(reason);
    }
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    skip();
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={t("Skip this item")}
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <form onSubmit={onSubmit} onKeyDown={reasonKeys([...REASONS, OTHER], setChoice, skip)}>
        <Radio.Group label={t("Why? (keys 1–5)")} value={choice} onChange={setChoice} mb="sm">
          {REASONS.map((text, place) => (
            <Radio
              key={text}
              value={text}
              label={`${place + 1} · ${t(text)}`}
              mt="xs"
              data-autofocus={place === 0 || undefined}
            />
          ))}
          <Radio
            value={OTHER}
            label={t("{{value}} · Something else", { value: REASONS.length + 1 })}
            mt="xs"
          />
        </Radio.Group>
        {choice === OTHER && (
          <Textarea
            label={t("In your words")}
            maxLength={LONGEST}
            autosize
            minRows={2}
            mb="sm"
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
            ref={(field) => field?.focus()}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("Stay")}
          </Button>
          <Button type="submit" disabled={reason === ""}>
            {t("Skip (Enter)")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
