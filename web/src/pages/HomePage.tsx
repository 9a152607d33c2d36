import { useEffect } from "react";
import { labelPath } from "../domain/route";
import { Message } from "../parts/Message";
import { Trouble } from "../parts/Trouble";
import { navigate } from "../session/useRoute";
import { useSession } from "../session/useSession";
import { t } from "../words/words";

/** The start page leads to the project of the session. */
export function HomePage() {
  const session = useSession();
  const project = session.data?.project;
  useEffect(() => {
    if (project !== undefined) {
      navigate(labelPath(project), "replace");
    }
  }, [project]);
  if (session.isError) {
    return <Trouble error={session.error} onRetry={() => session.refetch()} />;
  }
  return <Message title={t("One moment…")} />;
}
