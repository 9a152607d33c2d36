import { Button } from "@mantine/core";
import { useState } from "react";
import type { Project, Session } from "../api/types";
import { Workbench } from "../parts/desk/Workbench";
import { Message } from "../parts/Message";
import { SignedOut, Trouble } from "../parts/Trouble";
import type { Desk } from "../session/desk";
import { useDesk, useIsSignedOut } from "../session/useDesk";
import { useProject } from "../session/useProject";
import { useSession } from "../session/useSession";
import { t } from "../words/words";

/** `/p/<project>`: one item, its questions, and the keys to answer them. */
export default function LabelPage({ name }: { name: string }) {
  const session = useSession();
  const project = useProject(name);
  // A session that ended while somebody works is told inside, beside what still waits to be sent.
  const failed = [project, session].find((query) => query.isError && query.data === undefined);
  if (failed) {
    return <Trouble error={failed.error} onRetry={() => void failed.refetch()} />;
  }
  if (!session.data || !project.data) {
    return <Message title={t("One moment…")} />;
  }
  return <OpenDesk project={project.data} session={session.data} hasEnded={session.isError} />;
}

function OpenDesk(props: { project: Project; session: Session; hasEnded: boolean }) {
  const [rests, setRests] = useState(false);
  return rests ? (
    <Message title={t("Rest well")}>
      <p>{t("Everything is saved, and what you had not begun is with the others again.")}</p>
      <Button size="md" onClick={() => setRests(false)} autoFocus>
        {t("Come back to work")}
      </Button>
    </Message>
  ) : (
    <AtDesk {...props} onRest={() => setRests(true)} />
  );
}

interface AtDeskProps {
  project: Project;
  session: Session;
  hasEnded: boolean;
  onRest: () => void;
}

function AtDesk(props: AtDeskProps) {
  const desk = useDesk(props.project, props.session.annotator.id);
  return desk === null ? <Message title={t("One moment…")} /> : <SignedInDesk desk={desk} {...props} />;
}

function SignedInDesk(props: AtDeskProps & { desk: Desk }) {
  const { desk, project, session, hasEnded, onRest } = props;
  const isSignedOut = useIsSignedOut(desk.outbox);
  if (hasEnded || isSignedOut) {
    return <SignedOut waiting={desk.outbox.state().waiting} />;
  }
  return <Workbench desk={desk} project={project} session={session} onRest={onRest} />;
}
