import { Button, NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "../../api/problem";
import type {
  LabelChangeAsked,
  LabelChangeTold,
  LabelList,
  PastLabelChange,
  WrittenConfiguration,
} from "../../api/types";
import { useApi } from "../../session/ApiContext";
import { spoken, t } from "../../words/words";
import { Confirm } from "../Confirm";
import styles from "./editor.module.css";

interface Props {
  name: string;
  inForce: WrittenConfiguration;
}

type Kind = LabelChangeAsked["kind"];
type Asking = { asked: LabelChangeAsked | null; key: string };

/** Rename, merge and split labels, and keep what was labelled; take that back. */
export function LabelChanges({ name, inForce }: Props) {
  const api = useApi();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [said, setSaid] = useState("");
  const past = useQuery({
    queryKey: ["label-changes", name],
    queryFn: () => api.labelChanges(name),
    staleTime: 0,
  });
  const ask = (asked: LabelChangeAsked | null) => {
    setSaid("");
    setAsking({ asked, key: crypto.randomUUID() });
  };
  const standing = past.data?.changes.find((one) => !one.undone);

  async function done(told: LabelChangeTold): Promise<void> {
    await Promise.all(
      ["versions", "label-changes", "cockpit", "report", "project", "example-items"].map((key) =>
        queries.invalidateQueries({ queryKey: [key, name] }),
      ),
    );
    setAsking(null);
    setSaid(t("Version {{version}} is in force.", { version: told.version }));
  }

  return (
    <div className={styles.desk}>
      <p role="status" className={said ? styles.said : "for-ears"}>
        {said}
      </p>
      <div className={styles.two}>
        <section className={styles.card} aria-label={t("Change labels")}>
          <h2>{t("Change labels, and keep what was labelled")}</h2>
          {past.data && <ChangeForm key={inForce.version} lists={past.data.lists} onAsk={ask} />}
        </section>
        <section className={styles.card} aria-label={t("What was changed")}>
          <h2>{t("What was changed")}</h2>
          {past.isError && <p role="alert">{sentence(past.error)}</p>}
          {past.data?.changes.length === 0 && (
            <p className={styles.empty}>{t("No label was renamed, merged or split yet.")}</p>
          )}
          <ol className={styles.versions}>
            {(past.data?.changes ?? []).map((one) => (
              <li key={one.change}>
                <p>
                  <bdi>{inWords(one)}</bdi>{" "}
                  {one.undone && <span className={styles.badge}>{t("taken back")}</span>}
                </p>
                <p className={styles.hint}>
                  {[
                    new Date(one.at).toLocaleString(spoken(), { dateStyle: "medium", timeStyle: "short" }),
                    one.by,
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </p>
                {one === standing && (
                  <Button variant="default" size="compact-sm" onClick={() => ask(null)}>
                    {t("Take it back…")}
                  </Button>
                )}
              </li>
            ))}
          </ol>
        </section>
      </div>
      {asking && (
        <LabelDialog
          key={asking.key}
          name={name}
          asking={asking}
          expected={inForce.version}
          onDone={done}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}

function ChangeForm({
  lists,
  onAsk,
}: {
  lists: readonly LabelList[];
  onAsk: (asked: LabelChangeAsked) => void;
}) {
  const able = lists.filter((one) => one.labels.length > 0);
  const [place, setPlace] = useState(0);
  const list = able[place];
  const [wanted, setWanted] = useState<Kind>("rename");
  const [old, setOld] = useState<readonly string[]>([]);
  const [into, setInto] = useState("");
  if (list === undefined) {
    return <p className={styles.empty}>{t("No question has a list of labels.")}</p>;
  }
  const kind = list.edits.includes(wanted) ? wanted : "rename";
  const parts = kind === "split" ? into.split(",") : [into];
  const fresh = parts.map((one) => one.trim()).filter(Boolean);
  const isReady = old.length >= (kind === "merge" ? 2 : 1) && fresh.length >= (kind === "split" ? 2 : 1);
  const inTree = list.labels.some((one) => one.includes(BELOW));
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) {
          onAsk({ kind, question: list.question, among: list.among, old: [...old], new: fresh });
        }
      }}
    >
      {able.length > 1 && (
        <NativeSelect
          label={t("Question")}
          value={place}
          data={able.map((one, at) => ({ value: String(at), label: titleOf(one, able) }))}
          onChange={(event) => {
            setPlace(Number(event.currentTarget.value));
            setOld([]);
          }}
        />
      )}
      <SegmentedControl
        aria-label={t("What to do")}
        value={kind}
        onChange={(value) => {
          setWanted(value as Kind);
          setOld((before) => (value === "merge" ? before : before.slice(0, 1)));
        }}
        data={[
          { value: "rename", label: t("Rename") },
          { value: "merge", label: t("Merge") },
          { value: "split", label: t("Split") },
        ].filter((one) => list.edits.includes(one.value as Kind))}
      />
      <p className={styles.hint}>{about(kind)}</p>
      {inTree && (
        <p className={styles.hint}>
          {t("A place is written as its path from the top; what is below it goes along.")}
        </p>
      )}
      <Choices
        labels={list.labels}
        isSeveral={kind === "merge"}
        old={old}
        onOld={(chosen) => {
          setOld(chosen);
          if (inTree && kind !== "merge" && chosen[0] !== undefined) {
            setInto(kind === "rename" ? chosen[0] : "");
          }
        }}
      />
      <TextInput
        label={
          kind === "rename"
            ? t("New name")
            : kind === "merge"
              ? t("They become")
              : t("Its parts, with commas between")
        }
        value={into}
        onChange={(event) => setInto(event.currentTarget.value)}
      />
      <div className={styles.acts}>
        <Button type="submit" disabled={!isReady}>
          {t("What does this touch?")}
        </Button>
      </div>
    </form>
  );
}

/** Stands between the names of a path. */
const BELOW = " > ";

/** A question that has several lists is there once for each. */
function titleOf(list: LabelList, all: readonly LabelList[]): string {
  const isAlone = all.filter((one) => one.question === list.question).length === 1;
  return isAlone ? list.title : `${list.title} · ${list.among}`;
}

interface ChoicesProps {
  labels: readonly string[];
  isSeveral: boolean;
  old: readonly string[];
  onOld: (old: readonly string[]) => void;
}

function Choices({ labels, isSeveral, old, onOld }: ChoicesProps) {
  return (
    <fieldset className={styles.chips}>
      <legend>{isSeveral ? t("Which labels") : t("Which label")}</legend>
      {labels.map((value) => (
        <label key={value} className={styles.choice}>
          <input
            type={isSeveral ? "checkbox" : "radio"}
            name="label"
            checked={old.includes(value)}
            onChange={(event) => {
              const others = isSeveral ? old.filter((one) => one !== value) : [];
              onOld(event.currentTarget.checked ? [...others, value] : others);
            }}
          />
          <bdi>{value}</bdi>
        </label>
      ))}
    </fieldset>
  );
}

interface DialogProps {
  name: string;
  asking: Asking;
  expected: number;
  onDone: (told: LabelChangeTold) => Promise<void>;
  onClose: () => void;
}

/** Says what a change of labels touches before it is made. */
function LabelDialog({ name, asking, expected, onDone, onClose }: DialogProps) {
  const api = useApi();
  const preview = useQuery({
    queryKey: ["label-preview", name, asking.key],
    queryFn: () => api.changeLabels(name, asking.asked, { expected, dry_run: true }, `${asking.key}-preview`),
    retry: false,
    gcTime: 0,
  });
  const act = useMutation({
    mutationFn: () => api.changeLabels(name, asking.asked, { expected, dry_run: false }, asking.key),
    onSuccess: onDone,
  });
  const error = act.error ?? preview.error;
  return (
    <Confirm
      title={asking.asked === null ? t("Take it back?") : t("Change the labels?")}
      act={asking.asked === null ? t("Take it back") : t("Change them")}
      isBusy={act.isPending}
      isBlocked={!preview.data || error !== null}
      onAct={() => act.mutate()}
      onClose={onClose}
    >
      {preview.isPending && <p role="status">{t("Counting what it touches…")}</p>}
      {error !== null && (
        <p role="alert" className={styles.problem}>
          {sentence(error)}
        </p>
      )}
      {preview.data && (
        <>
          <ul className={styles.touches}>
            {preview.data.lines.map((line) => (
              <li key={line} dir="auto">
                {line}
              </li>
            ))}
          </ul>
          {preview.data.warnings.length > 0 && (
            <ul className={styles.warnings} aria-label={t("Warnings")}>
              {preview.data.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </Confirm>
  );
}

function about(kind: Kind): string {
  switch (kind) {
    case "rename":
      return t(
        "Everything that was labelled so is read under the new name. To change only what people read, give the label a title instead.",
      );
    case "merge":
      return t("Everything that was labelled one of them is read as the label they become.");
    case "split":
      return t("What was labelled so goes back to people, blind, who choose among the parts.");
  }
}

function inWords({ kind, question, old, new: now }: PastLabelChange): string {
  const values = { question, old: old.join(", "), now: now.join(", ") };
  switch (kind) {
    case "rename":
      return t("{{question}}: {{old}} renamed to {{now}}", values);
    case "merge":
      return t("{{question}}: {{old}} merged into {{now}}", values);
    case "split":
      return t("{{question}}: {{old}} split into {{now}}", values);
  }
}
