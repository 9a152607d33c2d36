import { Button, CloseButton, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { sentence } from "../../api/problem";
import { useApi } from "../../session/ApiContext";
import { t } from "../../words/words";
import styles from "./AssistantPanel.module.css";

const LONGEST = 500;

interface Props {
  project: string;
  lease: string;
  /** How long the server waits for the model. */
  seconds: number;
  onClose: () => void;
}

/** Ask a model about the item before one. The page stays in use beside it; what was asked stays with the item. */
export default function AssistantPanel({ project, lease, seconds, onClose }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const [words, setWords] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLDivElement>(null);
  // The same question sent again is the same request: it is paid and counted once.
  const request = useRef({ question: "", key: "" });
  const queryKey = ["assistant", project, lease];
  const talk = useQuery({ queryKey, queryFn: () => api.askedSoFar(project, lease), retry: false });
  const asking = useMutation({
    mutationFn: (question: string) => {
      if (request.current.question !== question) {
        request.current = { question, key: crypto.randomUUID() };
      }
      return api.ask(project, { lease, question }, request.current.key, seconds);
    },
    onSuccess: (thread) => {
      queries.setQueryData(queryKey, thread);
      request.current = { question: "", key: "" };
      setWords("");
      field.current?.focus();
    },
  });
  const thread = talk.data?.thread ?? [];
  const left = talk.data?.left ?? null;
  const problem = asking.error ?? talk.error;
  const canSend = words.trim() !== "" && !asking.isPending && left !== 0;
  const n = thread.length + (asking.isPending ? 1 : 0);

  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    if (n > 0) {
      end.current?.scrollIntoView({ block: "nearest" });
    }
  }, [n]);

  function send(): void {
    if (canSend) {
      asking.mutate(words.trim());
    }
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (
      event.key === "Enter" &&
      !event.shiftKey &&
      !event.nativeEvent.isComposing &&
      event.target === field.current
    ) {
      event.preventDefault();
      send();
    }
  }

  return (
    <section className={styles.panel} aria-label={t("Ask about this item")} onKeyDown={onKeyDown}>
      <header className={styles.head}>
        <h2>{t("Ask about this item")}</h2>
        <CloseButton size="lg" aria-label={t("Close")} onClick={onClose} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className={styles.thread} role="log" aria-label={t("Questions and answers")} tabIndex={0}>
        <p className={styles.note}>
          {t(
            "A model answers from the guideline and this item, and knows what you asked before about it. It can be wrong; you decide. What you ask is recorded.",
          )}
        </p>
        {thread.map((one, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a thread only grows
          <div key={place}>
            <p className={styles.question}>{one.question}</p>
            <div className={styles.answer}>
              <SafeText text={one.answer} />
              <p className={styles.model}>{one.model}</p>
            </div>
          </div>
        ))}
        {asking.isPending && (
          <>
            <p className={styles.question}>{asking.variables}</p>
            <p className={styles.note}>{t("The model is thinking…")}</p>
          </>
        )}
        <div ref={end} />
      </div>
      {problem !== null && (
        <div className={styles.problem} role="alert">
          <span>{sentence(problem)}</span>
          {talk.error !== null && asking.error === null && (
            <Button size="compact-sm" variant="subtle" onClick={() => void talk.refetch()}>
              {t("Try again")}
            </Button>
          )}
        </div>
      )}
      <form
        className={styles.form}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          send();
        }}
      >
        <Textarea
          ref={field}
          aria-label={t("Your question")}
          placeholder={t("Such as: does irony count?")}
          maxLength={LONGEST}
          autosize
          minRows={1}
          maxRows={5}
          value={words}
          disabled={left === 0}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!canSend} loading={asking.isPending}>
          {t("Ask")}
        </Button>
      </form>
      <p className={styles.left}>{left !== null && t("Questions left for this item: {{n}}", { n: left })}</p>
    </section>
  );
}

/** What a model wrote is not to be trusted: Markdown without HTML, pictures or links. */
function SafeText({ text }: { text: string }) {
  return (
    <Markdown
      remarkPlugins={[remarkGfm]}
      skipHtml
      disallowedElements={["a", "img", "input"]}
      unwrapDisallowed
      components={HEADINGS}
    >
      {text}
    </Markdown>
  );
}

const HEADINGS = { h1: "h3", h2: "h3" } as const;
