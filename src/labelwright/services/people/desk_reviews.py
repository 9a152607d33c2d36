"""Which answers a model was to review at the desk (`cooperation: judge`) and has not: the server ended before.

What is reviewed is known by its runs: each names its submission, and ends in the write that keeps what was objected. So
whatever happens between, a review is due until it is whole; what it had paid for is found in the call ledger.
"""

from __future__ import annotations

from typing import Final

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotatorId
from labelwright.domain.project import Project
from labelwright.ports.storage import Views

DESK_JUDGE: Final = "desk-judge"
"""The kind of run: one for each submission."""
_SUBMISSION: Final = "submission"


def run_names(submission: str) -> dict[str, Json]:
    """Give what the run that reviews a submission says of it."""
    return {_SUBMISSION: submission}


def is_reviewed(views: Views, project: Project, submission: str) -> bool:
    """Say whether a review of it has ended."""
    runs = views.runs(project.id)
    return any(run.finished and run.parameters.get(_SUBMISSION) == submission for run in runs if run.kind == DESK_JUDGE)


def unreviewed(views: Views, project: Project, *, most: int) -> list[tuple[AnnotatorId, str]]:
    """Give submissions that stand, were to be reviewed when they came and are not, with whose they are, oldest first.

    most: of the newest; an objection to what was answered long ago helps nobody.
    """
    if project.config.policy.cooperation != "judge" or not project.config.models:
        return []
    runs = [run for run in views.runs(project.id) if run.kind == DESK_JUDGE]
    ended = {str(run.parameters[_SUBMISSION]) for run in runs if run.finished and _SUBMISSION in run.parameters}
    # Runs of before they named their submission: what came earlier cannot be told from what they reviewed.
    nameless = [run.started_at for run in runs if _SUBMISSION not in run.parameters]
    since = max([_judged_since(views, project), *nameless])
    due: dict[str, Annotation] = {}
    for one in views.annotations(project.id, purpose="review"):
        if one.created_at >= since and one.submission not in ended:
            due.setdefault(one.submission, one)
    newest = sorted(due.values(), key=lambda one: one.created_at)[-most:] if most else []
    return [(one.annotator, one.submission) for one in newest if _was_open(views, project, one)]


def _judged_since(views: Views, project: Project) -> str:
    """Give when the policy that is in force began to say so."""
    since = ""
    for version in reversed(views.config_versions(project.id)):
        config = views.config(project.id, version.version)
        if config is None or config.policy.cooperation != "judge":
            break
        since = version.at
    return since


def _was_open(views: Views, project: Project, answer: Annotation) -> bool:
    """Say whether the entry it answers was no blind one: what is blind is never reviewed openly (B2)."""
    entries = [
        row.told
        for row in views.trail(project.id, answer.item)
        if row.kind == "queued" and row.told.get("round") == answer.round and row.told.get("purpose") == "review"
    ]
    return bool(entries) and not any(told.get("blind") for told in entries)
