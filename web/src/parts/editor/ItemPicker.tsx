import { Button, Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "../../api/problem";
import type { ExampleItem } from "../../api/types";
import { previewOf } from "../../domain/preview";
import { useApi } from "../../session/ApiContext";
import { t } from "../../words/words";
import { useFocusBack } from "../useFocusBack";
import styles from "./editor.module.css";

interface Props {
  name: string;
  contentFields: readonly string[];
  labels: readonly string[];
  onGuideline: (item: ExampleItem) => void;
  onPrompt: (item: ExampleItem) => void;
  onClose: () => void;
}

/** Find an item and take it as an example; those that certify are shown, and cannot be taken. */
export function ItemPicker({ name, contentFields, labels, onGuideline, onPrompt, onClose }: Props) {
  const api = useApi();
  useFocusBack();
  const [search, setSearch] = useState("");
  const [label, setLabel] = useState("");
  const [taken, setTaken] = useState("");
  const [asked] = useDebouncedValue(search, 300);
  const found = useQuery({
    queryKey: ["example-items", name, asked, label],
    queryFn: () => api.exampleItems(name, asked, label),
    placeholderData: keepPreviousData,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("Examples from items")}
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <div className={styles.row}>
        <TextInput
          className={styles.wide ?? ""}
          label={t("Search")}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          data-autofocus
        />
      </div>
      <fieldset className={styles.chips}>
        <legend>{t("Labelled by people as")}</legend>
        {["", ...labels].map((one) => (
          <Button
            key={one}
            size="compact-sm"
            variant={one === label ? "filled" : "default"}
            aria-pressed={one === label}
            onClick={() => setLabel(one)}
          >
            {one || t("anything, or not yet")}
          </Button>
        ))}
      </fieldset>
      <p role="status" className={styles.hint}>
        {found.isError ? sentence(found.error) : taken}
        {found.isPending && t("Looking…")}
        {found.data?.length === 0 && t("No item is like that.")}
      </p>
      <ul className={styles.items} aria-label={t("Items")}>
        {(found.data ?? []).map((item) => (
          <li key={item.id}>
            <p dir="auto">
              <b dir="ltr">#{item.id}</b>{" "}
              {previewOf({ ...item, metadata: {}, media: {}, warning: null }, contentFields)}
            </p>
            <p className={styles.hint}>{item.why_not ? t(item.why_not) : saidOf(item)}</p>
            <div className={styles.acts}>
              <Button
                size="compact-sm"
                variant="default"
                disabled={item.why_not !== null}
                aria-label={t("Item {{id}} into the guideline", { id: item.id })}
                onClick={() => {
                  onGuideline(item);
                  setTaken(t("Item {{id}} stands in the guideline now.", { id: item.id }));
                }}
              >
                {t("Into the guideline")}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                disabled={item.why_not !== null || Object.keys(item.labels).length === 0}
                aria-label={t("Item {{id}} into the prompt", { id: item.id })}
                onClick={() => {
                  onPrompt(item);
                  setTaken(t("Models are shown item {{id}} as an example.", { id: item.id }));
                }}
              >
                {t("Into the prompt")}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

function saidOf(item: ExampleItem): string {
  const labels = Object.values(item.labels).map((value) =>
    typeof value === "string" ? value : (JSON.stringify(value) ?? ""),
  );
  return labels.length > 0
    ? t("People say: {{labels}}", { labels: labels.join("; ") })
    : t("Not labelled yet");
}
