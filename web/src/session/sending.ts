/** Send what waits in the outbox. */

import type { Api } from "../api/client";
import { Refused } from "../api/problem";
import type { Project } from "../api/types";
import type { Outgoing } from "../domain/outgoing";
import { t } from "../words/words";

interface World {
  api: Api;
  project: Project;
  annotator: string;
}

export function createSend({ api, project, annotator }: World): (outgoing: Outgoing) => Promise<unknown> {
  function isSomebodyElse(): Promise<boolean> {
    return api.session().then(
      (session) => session.annotator.id !== annotator,
      () => false,
    );
  }

  function sent(outgoing: Outgoing): Promise<unknown> {
    const { key } = outgoing;
    switch (outgoing.kind) {
      case "submit": {
        const { lease, answers, seconds, reason = "" } = outgoing;
        return api.submit(project.name, { lease, answers, seconds, ...(reason ? { reason } : {}) }, key);
      }
      case "skip":
        return api.skip(project.name, { lease: outgoing.lease, reason: outgoing.reason }, key);
      case "retract":
        return api.retract(project.name, outgoing.submission ?? "", key);
    }
  }

  return async function send(outgoing: Outgoing): Promise<unknown> {
    try {
      return await sent(outgoing);
    } catch (error) {
      // Somebody else signed in here meanwhile: to them these items are unknown, but the answers are not lost.
      if (error instanceof Refused && error.status === 404 && (await isSomebodyElse())) {
        throw new Refused(401, { title: "Signed out", detail: t("another person is signed in here") });
      }
      throw error;
    }
  };
}
