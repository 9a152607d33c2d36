import { Button, Group, Textarea } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import type { ItemHistory, NewRemark, Remark } from "../../api/types";
import { localeOfDates, t } from "../../words/words";
import styles from "./item.module.css";

const LONGEST = 4000;

interface Props {
  history: ItemHistory;
  isBusy: boolean;
  onRemark: (remark: NewRemark) => void;
  onWithdraw: (remark: Remark) => void;
}

/** What people say about the item besides its label. */
export function Remarks({ history, isBusy, onRemark, onWithdraw }: Props) {
  const [words, setWords] = useState("");
  // What was pressed is off or gone afterwards: the focus goes where the next words are written.
  const field = useRef<HTMLTextAreaElement>(null);

  function send(kind: NewRemark["kind"]): void {
    const text = words.trim();
    if (text !== "") {
      onRemark({ kind, reason: "", text });
      setWords("");
      field.current?.focus();
    }
  }

  return (
    <>
      {history.remarks.length === 0 && <p className={styles.say}>{t("Nobody has remarked on it.")}</p>}
      {history.remarks.map((remark) => (
        <div key={remark.id} className={styles.remark} data-kind={remark.kind}>
          <span className={styles.when}>
            {remark.kind === "flag"
              ? t("{{name}} flagged it", { name: remark.who ?? "" })
              : t("{{name}} commented", { name: remark.who ?? "" })}{" "}
            ·{" "}
            {new Date(remark.at).toLocaleString(localeOfDates(), { dateStyle: "medium", timeStyle: "short" })}
          </span>
          {remark.reason !== "" && (
            <p dir="auto">
              <b>{remark.reason}</b>
            </p>
          )}
          {remark.text !== "" && <p dir="auto">{remark.text}</p>}
          {(remark.mine || history.sees_all) && (
            <Button
              variant="default"
              size="compact-sm"
              disabled={isBusy}
              aria-label={`${withdrawWords(remark)}: ${remark.reason || remark.text}`.slice(0, 120)}
              onClick={() => {
                onWithdraw(remark);
                field.current?.focus();
              }}
            >
              {withdrawWords(remark)}
            </Button>
          )}
        </div>
      ))}
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          send("comment");
        }}
      >
        <Textarea
          ref={field}
          label={t("Your comment")}
          maxLength={LONGEST}
          autosize
          minRows={2}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              send("comment");
            }
          }}
        />
        <Group mt="xs" justify="flex-end">
          <Button variant="default" disabled={words.trim() === ""} onClick={() => send("flag")}>
            {t("Flag it with this")}
          </Button>
          <Button type="submit" loading={isBusy} disabled={words.trim() === ""}>
            {t("Comment")}
          </Button>
        </Group>
      </form>
    </>
  );
}

function withdrawWords(remark: Remark): string {
  return remark.kind === "flag" ? t("Settled") : t("Withdraw");
}
