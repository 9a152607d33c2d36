"""Why does it have this label? The label of record, what it rests on, what that rests on: a tree.

A node is {kind, told, children}; the page has the words for each kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.item_reads import TrailRow
from labelwright.ports.storage import Views

_PREDICTION = "prediction:"


def label_reasons(
    views: Views, project: Project, trail: Sequence[TrailRow], names: Mapping[str, str]
) -> list[dict[str, Json]]:
    """Give each question's label of record with its tree; questions that have none yet say what they wait for."""
    found: list[dict[str, Json]] = []
    for question in project.config.schema.questions:
        settled = newest(trail, "resolved", question.name)
        told: dict[str, Json] = dict.fromkeys(("value", "status", "method", "probability"))
        if settled is not None:
            told = {name: settled.told.get(name) for name in told}
        node = _node(
            "label",
            {**told, "at": None if settled is None else settled.at},
            _rests_on(views, project, settled, trail=trail, question=question.name, names=names),
        )
        found.append({"question": question.name, "value": told["value"], "status": told["status"], "why": node})
    return found


def newest(trail: Sequence[TrailRow], kind: str, question: str) -> TrailRow | None:
    """Give the last event of a kind about a question."""
    return next((row for row in reversed(trail) if row.kind == kind and row.question == question), None)


def _rests_on(
    views: Views,
    project: Project,
    settled: TrailRow | None,
    *,
    trail: Sequence[TrailRow],
    question: str,
    names: Mapping[str, str],
) -> list[Json]:
    routed = newest(trail, "routed", question)
    if settled is None:
        return [_routed(routed)] if routed is not None else []
    voters = [str(one) for one in cast("Sequence[Any]", settled.told["voters"])]
    models = [_predicted(trail, voter) for voter in voters if voter.startswith(_PREDICTION)]
    if settled.told["status"] == "auto-accepted":
        evidence = cast("Mapping[str, Json]", settled.told["evidence"])
        rule = _certificate(views, project, question, str(evidence.get("certificate")), routed)
        return [rule, *models]
    if models:
        return [*models, *([_routed(routed)] if routed is not None else [])]
    return _votes(trail, question, voters, settled, names)


def _certificate(views: Views, project: Project, question: str, id: str, routed: TrailRow | None) -> Json:
    issued = [one for one in views.issued_certificates(project.id) if one.certificate.get("id") == id]
    told: dict[str, Json] = {"id": id, "score": None, "probability": None}
    if routed is not None:
        told |= {name: routed.told.get(name) for name in ("score", "probability", "reason")}
    if issued:
        kept = issued[-1].certificate
        told |= {name: kept.get(name) for name in ("target_error", "delta", "threshold", "n_calibration", "promise")}
        told["at"] = issued[-1].at
    in_force = views.certificates(project.id).get(question)
    told["is_newest"] = in_force is not None and cast("Mapping[str, Json]", in_force["certificate"]).get("id") == id
    return _node("certificate", told)


def _predicted(trail: Sequence[TrailRow], voter: str) -> Json:
    number = int(voter.removeprefix(_PREDICTION))
    row = next((row for row in trail if row.kind == "predicted" and row.told["id"] == number), None)
    if row is None:
        return _node("prediction", {"id": number})
    names = ("model", "value", "confidence", "confidence_kind", "prompt_hash", "guideline_version", "schema_version")
    return _node("prediction", {**{name: row.told[name] for name in names}, "at": row.at})


def _routed(row: TrailRow) -> Json:
    return _node("route", {**{name: row.told[name] for name in ("route", "reason", "score", "probability")}})


def _votes(
    trail: Sequence[TrailRow],
    question: str,
    voters: Sequence[str],
    settled: TrailRow,
    names: Mapping[str, str],
) -> list[Json]:
    answers = [row for row in trail if row.kind == "answered" and row.question == question]
    sources = {row.told["annotation"]: row for row in trail if row.kind == "restored"}
    evidence = cast("Mapping[str, Json]", settled.told["evidence"])
    counted = [_vote(row, names, None, sources) for row in answers if row.told["id"] in voters]
    left_out = [
        _vote(row, names, _why_not(row, settled, answers, voters), sources)
        for row in answers
        if row.told["id"] not in voters
    ]
    rule = _node("votes", {"method": settled.told["method"], "share": evidence.get("share")}, counted)
    rules = [rule] if counted else []
    return [*rules, *([_node("left out", {}, left_out)] if left_out else [])]


def _vote(row: TrailRow, names: Mapping[str, str], why_not: str | None, sources: Mapping[Json, TrailRow]) -> Json:
    who = str(row.told["annotator"])
    told: dict[str, Json] = {
        "who": names.get(who, who),
        "value": row.told["value"],
        "purpose": row.told["purpose"],
        "suggestion_shown": bool(row.told["suggestion_shown"]),
        "guideline_version": row.told["guideline_version"],
        "seconds": row.told["seconds"],
        "at": row.at,
        "why_not": why_not,
    }
    source = sources.get(row.told["id"])
    if source is not None:
        told["restored_because"] = source.told["reason"]
    return _node("vote", told)


def _why_not(row: TrailRow, settled: TrailRow, answers: Sequence[TrailRow], voters: Sequence[str]) -> str:
    """Name the rule that leaves this answer out: the same order as the label of record is settled by."""
    if row.told["retraction"] is not None:
        return "taken back"
    if row.position > settled.position:
        return "came later"
    counted = [one for one in answers if one.told["id"] in voters]
    if any(one.told["purpose"] == "adjudication" for one in counted):
        return "decided by a manager"
    if row.told["suggestion_shown"] and any(not one.told["suggestion_shown"] for one in counted):
        return "not blind"
    if row.told["purpose"] == "bulk":
        return "accepted in bulk only"
    return "under an earlier guideline or schema"


def _node(kind: str, told: Mapping[str, Json], children: Sequence[Json] = ()) -> dict[str, Json]:
    return {"kind": kind, "told": dict(told), "children": list(children)}
