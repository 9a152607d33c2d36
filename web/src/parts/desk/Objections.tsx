/** What a model says against one's answers: told beside the item on the desk, which never waits for it. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useRef } from "react";
import type { Entry, Objection, Project } from "../../api/types";
import { useApi } from "../../session/ApiContext";
import { later } from "../../session/later";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import { Guard } from "../Guard";
import styles from "./Objections.module.css";

const ObjectionsPanel = later(() => import("./ObjectionsPanel"));

/** While answers are being reviewed, and while none is known to be. */
const SOON_MS = 1_500;
const NOW_AND_THEN_MS = 20_000;

interface Props {
  project: Project;
  entry: Entry | null;
  /** The last submission that the server has acknowledged. */
  latest: string | null;
  cap: string;
  isOpen: boolean;
  changing: Objection | null;
  onToggle: () => void;
  onChange: (objection: Objection) => void;
}

export function Objections(props: Props) {
  const { project, entry, latest, cap, isOpen, changing, onToggle, onChange } = props;
  const api = useApi();
  const queries = useQueryClient();
  const queryKey = ["objections", project.name];
  const told = useQuery({
    queryKey,
    queryFn: () => api.objections(project.name),
    refetchInterval: (query) => (query.state.data?.waiting ? SOON_MS : NOW_AND_THEN_MS),
    retry: false,
  });
  // The same wish sent again is the same request.
  const keys = useRef(new Map<string, string>());
  const keeping = useMutation({
    mutationFn: (objection: Objection) => {
      const key = keys.current.get(objection.id) ?? crypto.randomUUID();
      keys.current.set(objection.id, key);
      return api.keepAnswer(project.name, objection.id, key);
    },
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was just saved is about to be reviewed
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["objections", project.name] });
  }, [latest, project.name, queries]);

  const objections = told.data?.objections ?? [];
  const isChangingHere = changing !== null && entry?.item.id === changing.item.id;
  const open = objections.filter((one) => one.id !== changing?.id);
  return (
    <>
      <div role="status" className={styles.place}>
        {open.length > 0 && !isOpen && (
          <button type="button" className={styles.chip} onClick={onToggle}>
            {t("The model would answer otherwise: {{n}}", { n: open.length })} <Cap>{cap}</Cap>
          </button>
        )}
      </div>
      {isOpen && (
        <Guard instead={null} onFailed={onToggle}>
          <Suspense>
            <ObjectionsPanel
              project={project}
              objections={open}
              changing={isChangingHere ? changing : null}
              problem={keeping.error ?? null}
              isBusy={keeping.isPending}
              onKeep={(objection) => keeping.mutate(objection)}
              onChange={onChange}
              onClose={onToggle}
            />
          </Suspense>
        </Guard>
      )}
    </>
  );
}
