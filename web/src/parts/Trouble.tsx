import { Button } from "@mantine/core";
import { isSignedOut, Refused, sentence } from "../api/problem";
import { t } from "../words/words";
import { Message } from "./Message";

/** What to say when a page could not be loaded. */
export function Trouble({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (isSignedOut(error)) {
    return <SignedOut waiting={0} />;
  }
  if (error instanceof Refused && error.status === 404) {
    return (
      <Message title={t("Nothing here for you")}>
        <p>{sentence(error)}</p>
        <p>{t("Your link may be for another project.")}</p>
      </Message>
    );
  }
  return (
    <Message title={t("That did not work")}>
      <p>{sentence(error)}</p>
      <Button onClick={onRetry}>{t("Try again")}</Button>
    </Message>
  );
}

/** waiting: answers that are still in this browser. */
export function SignedOut({ waiting }: { waiting: number }) {
  return (
    <Message title={t("You are signed out")}>
      <p>
        {t(
          "Your session has ended, or this browser never had one. Open an invitation link to go on; whoever runs the project makes one with",
        )}{" "}
        <code>labelwright invite NAME</code>
        {t(", and for themselves with")} <code>labelwright serve --link</code>.
      </p>
      {waiting > 0 && (
        <p>
          {waiting === 1 ? t("One answer is") : t("{{waiting}} answers are", { waiting })}{" "}
          {t(
            "still waiting in this browser; nothing is lost. What waits is sent when the same person signs in here again.",
          )}
        </p>
      )}
    </Message>
  );
}
