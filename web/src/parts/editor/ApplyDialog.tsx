import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sentence } from "../../api/problem";
import type { AppliedDraft, DraftConfiguration, PreviewedDraft } from "../../api/types";
import { useApi } from "../../session/ApiContext";
import { decimal } from "../../words/figures";
import { spoken, t } from "../../words/words";
import { Confirm } from "../Confirm";
import { Lines, WordDiff } from "./DiffView";
import styles from "./editor.module.css";

interface Props {
  name: string;
  draft: DraftConfiguration;
  /** In force now. */
  guideline: string;
  onApplied: (applied: AppliedDraft) => Promise<void>;
  onClose: () => void;
}

/** Says what a configuration touches before it is put in force. */
export function ApplyDialog({ name, draft, guideline, onApplied, onClose }: Props) {
  const api = useApi();
  // One key for one intention: sent again after a lost answer, it is done once.
  const [key] = useState(() => crypto.randomUUID());
  const preview = useQuery({
    queryKey: ["configuration-preview", name, key],
    queryFn: () => api.previewDraft(name, draft),
    retry: false,
    gcTime: 0,
  });
  const apply = useMutation({ mutationFn: () => api.applyDraft(name, draft, key), onSuccess: onApplied });
  const told = preview.data;
  const error = apply.error ?? preview.error;
  const isNothing = told !== undefined && told.version === draft.expected;
  return (
    <Confirm
      title={t("Put it in force?")}
      act={told && !isNothing ? t("Apply as version {{version}}", { version: told.version }) : t("Apply")}
      isBusy={apply.isPending}
      isBlocked={told === undefined || isNothing || error !== null}
      onAct={() => apply.mutate()}
      onClose={onClose}
    >
      {preview.isPending && <p role="status">{t("Counting what it touches…")}</p>}
      {error !== null && (
        <p role="alert" className={styles.problem}>
          {sentence(error)}
        </p>
      )}
      {isNothing && <p>{t("Nothing differs from what is in force.")}</p>}
      {told && !isNothing && (
        <>
          <Lines lines={told.changes} />
          {guideline !== draft.guideline && <WordDiff before={guideline} after={draft.guideline} />}
          <h3>{t("What it touches")}</h3>
          <ul className={styles.touches}>
            {touches(told).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          {told.warnings.length > 0 && (
            <ul className={styles.warnings} aria-label={t("Warnings")}>
              {told.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </Confirm>
  );
}

function touches(told: PreviewedDraft): string[] {
  const count = (n: number) => n.toLocaleString(spoken());
  return [
    told.labels === 0
      ? t("No label by people is under a question that changes.")
      : t("Labels by people so far: {{n}}", { n: count(told.labels) }),
    t("Items waiting in the queue: {{n}}", { n: count(told.waiting) }),
    told.certificates.length === 0
      ? t("No certificate stops holding.")
      : t("Certificates that stop holding: {{names}}", { names: told.certificates.join(", ") }),
    told.answers === 0
      ? t("No answer of the model is asked for again.")
      : t("Answers of the model to ask for again: {{n}}, for {{cost}}", {
          n: count(told.answers),
          cost: told.cost === null ? t("a price that is not known") : `$${decimal(told.cost, 2)}`,
        }),
  ];
}
