"""Why a certificate no longer holds, in plain words: what changed, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.history.configuration import changes
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import binding, frozen_rule, pool_of_plan
from labelwright.services.acceptance.certified import frozen_groups
from labelwright.services.acceptance.groups import groups_hash, groups_of
from labelwright.services.models.score import BY_LINK

_HASH_SHOWN = 8
_WHAT: Mapping[str, str] = {
    "model": "the model",
    "provider": "the provider",
    "voters": "the other models",
    "ensemble": "how several models label together",
    "cascade": "what a link of the cascade keeps",
    "confidence": "the score",
    "prompt_hash": "the prompt",
    "schema_version": "the label schema, by version,",
    "guideline_version": "the guideline, by version,",
    "target_error": "the target error",
    "confidence_level": "the confidence level",
}


def void_because(views: Views, project: Project, question: str | None = None) -> list[str]:
    """Say, one sentence for each, what changed since the newest plan froze it; empty when everything stands.

    question: also look at this question's predictions, scores and groups, which takes a reading of the pool.
    """
    plan = views.plan(project.id)
    if plan is None:
        return []
    frozen = cast("Mapping[str, Any]", plan["frozen"])
    if not project.config.models:
        return ["the project names no model any more"]
    then, now = cast("Mapping[str, Json]", frozen["binding"]), binding(views, project)
    found = [_changed(name, value, now.get(name)) for name, value in then.items() if now.get(name) != value]
    if question is None or found:
        return found
    return _pool_changes(views, project, question, frozen)


def superseded(views: Views, project: Project, question: str) -> str | None:
    """Say when a question's newest certificate is of an older sample than the newest; None when it is not."""
    plan, issued = views.plan(project.id), views.certificates(project.id).get(question)
    if plan is None or issued is None or issued["plan"] == plan["plan"]:
        return None
    return "a new sample has been drawn since; its certificate is due when people have labelled it"


def _pool_changes(views: Views, project: Project, question: str, frozen: Mapping[str, Any]) -> list[str]:
    of_question = cast("Mapping[str, Any] | None", frozen["questions"].get(question))
    if of_question is None:
        return [f"the question {question!r} was not there when the sample was drawn"]
    pool = pool_of_plan(views, project, question, frozen)
    groups = groups_of(views, project.id, pool, frozen_rule(frozen))
    found: list[str] = []
    certificates = cast("Mapping[str, Mapping[str, Any]]", views.certificates(project.id))
    issued = cast("Mapping[str, Any]", certificates.get(question, {}).get("certificate", {}))
    if pool.kind.endswith(BY_LINK) and "links" in issued:
        bound = issued["bound_to"]
        if (pool.fingerprint(), groups_hash(groups)) != (bound["pool"], bound["groups"]):
            found.append(f"what the cascade's models say of {question!r} is no longer what was certified")
        return found
    if pool.fingerprint() != of_question["pool"]:
        now = pool.hashes()
        what = {"items": "the pool of items", "labels": "the predicted labels", "scores": "the scores"}
        parts = [said for name, said in what.items() if name in of_question and now[name] != of_question[name]]
        changed = " and ".join(parts) if parts else "the predictions or scores"
        found.append(f"{changed} of {question!r} are no longer those that were frozen before the first label")
    if groups_hash(groups) != frozen_groups(frozen, question):
        found.append(f"the groups of {question!r} that have a threshold each are no longer those that were frozen")
    return found


def _changed(name: str, before: Json, now: Json) -> str:
    if name == "fit":
        return "what is learnt from people's labels was fitted anew, and the score with it"
    if name == "prompt_hash":
        return f"the prompt is another: {_shown(before)} before, {_shown(now)} now"
    if name == "certify":
        old, new = cast("Mapping[str, Json]", before or {}), cast("Mapping[str, Json]", now or {})
        told = "; ".join(f"{path}: {_shown(a)} before, {_shown(b)} now" for path, a, b in changes(old, new))
        return f"what the certificate is to promise is another ({told})"
    return f"{_WHAT.get(name, name)} was {_shown(before)} and is {_shown(now)} now"


def _shown(value: Json) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    text = str(value)
    is_hash = len(text) > 24 and all(c in "0123456789abcdef" for c in text)
    return text[:_HASH_SHOWN] if is_hash else text
