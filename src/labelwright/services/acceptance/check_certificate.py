"""Compute every certificate again from its plan and the votes before it, and see whether the same comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import AnnotationId, ProjectId
from labelwright.domain.project import Project
from labelwright.errors import NotReady
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import still_bound
from labelwright.services.acceptance.certificate import make_certificate
from labelwright.services.projects.project_of import project_of

_READ = 1_000
_WORDS = frozenset({"verdict", "promise", "statement", "reason"})


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """One question's certificate.  recomputed: its id as computed now; None where that cannot be done, see `why`.

    differs: fields that come out otherwise.  Sentences alone do not count: a newer version may put them otherwise, and
    then `why` says so.
    """

    question: str
    id: str
    recomputed: str | None
    holds: bool
    differs: tuple[str, ...]
    why: str | None


def check_certificates(views: Views, project: ProjectId) -> list[CheckedCertificate]:
    """Derive each certificate anew from the ledger: its plan, the predictions it froze, the blind votes before it.

    A certificate of an older sample, or one whose predictions have been replaced since, is said to be out of reach.
    """
    current, plan = project_of(views, project), views.plan(project)
    return [
        _checked(views, current, plan, name, issued) for name, issued in sorted(views.certificates(project).items())
    ]


def _checked(
    views: Views, current: Project, plan: Mapping[str, Any] | None, name: str, issued: Mapping[str, Any]
) -> CheckedCertificate:
    kept = cast("dict[str, Json]", issued["certificate"])
    known = str(kept["id"])

    def out_of_reach(why: str) -> CheckedCertificate:
        return CheckedCertificate(name, known, None, holds=False, differs=(), why=why)

    if plan is None or issued["plan"] != plan["plan"]:
        return out_of_reach("a newer sample has been drawn since")
    then = _as_it_was(views, current, cast("Mapping[str, Json]", plan["frozen"]))
    if then is None or then.config.schema.question(name) is None:
        return out_of_reach("no version of the project is what its plan was bound to")
    number = int(plan["frozen"]["round"])
    votes = [a for a in _votes_before(views, current.id, int(issued["position"])) if a.question == name]
    votes = [a for a in votes if a.purpose == "calibration" and a.round == number]
    try:
        made = make_certificate(views, then, plan, name, votes=votes).certificate
    except NotReady as problem:
        return out_of_reach(str(problem))
    # An older certificate says less than is computed now; what it says is what must come out.
    again = {field: made[field] for field in kept if field in made and field != "id"}
    differs = tuple(field for field, value in kept.items() if field != "id" and again.get(field) != value)
    why = None
    if differs and _WORDS.issuperset(differs):
        again |= {field: kept[field] for field in differs}
        why = f"all figures are the same; this version puts it in other words: {', '.join(differs)}"
        differs = ()
    recomputed = digest(again)[:16]
    return CheckedCertificate(
        name, known, recomputed, holds=recomputed == known and not differs, differs=differs, why=why
    )


def _as_it_was(views: Views, current: Project, frozen: Mapping[str, Json]) -> Project | None:
    """Give the project in its newest version that says what a plan was bound to."""
    for version in range(current.config.version, 0, -1):
        config = views.config(current.id, version)
        if config is None or not config.models:
            continue
        then = replace(current, config=config)
        if still_bound(views, then, frozen):
            return then
    return None


def _votes_before(views: Views, project: ProjectId, position: int) -> list[Annotation]:
    """Give the answers that counted when a certificate was issued, oldest first: retracted since or not."""
    counted: dict[str, None] = {}
    after = 0
    while events := views.events(after=after, limit=_READ):
        for event in events:
            if event.position >= position:
                break
            if event.body.get("project") != project:
                continue
            if event.type == "annotation-submitted":
                counted[str(event.body["annotation"])] = None
            elif event.type == "annotation-retracted":
                counted.pop(str(event.body["annotation"]), None)
        after = events[-1].position
        if after >= position:
            break
    found = [views.annotation(AnnotationId(one)) for one in counted]
    return [one for one in found if one is not None]
