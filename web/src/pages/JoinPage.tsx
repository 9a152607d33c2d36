import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { sentence } from "../api/problem";
import { inviteOf } from "../domain/invite";
import { labelPath } from "../domain/route";
import { Message } from "../parts/Message";
import { useApi } from "../session/ApiContext";
import { navigate } from "../session/useRoute";
import { t } from "../words/words";

/** `/join#<invite>`: the invitation is taken from the address at once and exchanged for a session. */
export function JoinPage() {
  const api = useApi();
  const queries = useQueryClient();
  const [pasted, setPasted] = useState("");
  const tried = useRef<string | null>(null);
  const join = useMutation({
    mutationFn: api.redeem,
    onSuccess: (joined) => {
      queries.clear();
      navigate(labelPath(joined.project), "replace");
    },
  });

  const { mutate } = join;
  useEffect(() => {
    function redeem(): void {
      const invite = inviteOf(window.location.hash);
      if (invite === null || tried.current === invite) {
        return;
      }
      tried.current = invite;
      // The invitation is a secret: it must not stay in the address bar or the history.
      window.history.replaceState(null, "", "/join");
      mutate(invite);
    }
    redeem();
    window.addEventListener("hashchange", redeem);
    return () => window.removeEventListener("hashchange", redeem);
  }, [mutate]);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    const invite = inviteOf(pasted);
    if (invite !== null) {
      mutate(invite);
    }
  }

  if (join.isPending || join.isSuccess) {
    return (
      <Message title={t("Signing you in…")}>
        <p>{t("One moment.")}</p>
      </Message>
    );
  }
  return (
    <Message title={join.isError ? t("This invitation does not work") : t("Join with an invitation")}>
      {join.isError && (
        <>
          <p role="alert">{sentence(join.error)}</p>
          <p>
            {t("An invitation works once. Was it you who used it? Go back to the browser in which you did.")}
          </p>
        </>
      )}
      <form onSubmit={onSubmit}>
        <TextInput
          label={t("Invitation link")}
          placeholder="http://…/join#…"
          value={pasted}
          onChange={(event) => setPasted(event.currentTarget.value)}
          autoComplete="off"
          mb="md"
        />
        <Button type="submit" disabled={inviteOf(pasted) === null}>
          {t("Join")}
        </Button>
      </form>
    </Message>
  );
}
