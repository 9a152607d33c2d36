"""Which answers of review belong to an arm that chance drew: only these say what showing suggestions does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from labelwright.domain.annotation import Annotation
from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.models.score import ScoredPool
from labelwright.services.people.requeue import REQUEUE
from labelwright.services.soundness.slice_fresh import DRAW


def left_to_chance(views: Views, project: Project) -> Callable[[Annotation], bool]:
    """Say of review answers whether chance could have had them given with, and without, the suggestion.

    Not so: items that were asked about blind for what they are (in a slice that is judged, or to be re-checked);
    answers given while the policy showed nobody anything, `joint` and `hidden`, and all of an item of which `joint` had
    somebody answer, since a second person then got it for the dispute; and answers of people who had seen a label of
    the item elsewhere than with this entry.
    """
    runs = [run for run in views.runs(project.id) if run.kind in (DRAW, REQUEUE)]
    asked_blind = {item for run in runs for item in cast("list[int]", run.parameters["items"])}
    hides = _hiding_times(views, project)
    joint = {
        (int(a.item), a.round)
        for a in views.annotations(project.id, purpose="review")
        if _in(hides, a.created_at) == "joint"
    }

    def is_of_an_arm(a: Annotation) -> bool:
        if int(a.item) in asked_blind or (int(a.item), a.round) in joint:
            return False
        if a.assistance is not None and a.assistance.seen:
            return False
        is_hidden = a.is_blind and (a.assistance is None or a.assistance.probability is None)
        return not (is_hidden and _in(hides, a.created_at))

    return is_of_an_arm


def about_labels_of_now(
    views: Views, project: Project, pool: ScoredPool, review: Sequence[Annotation]
) -> Callable[[Annotation], bool]:
    """Say of review answers whether the suggestion was the label that the model gives now.

    A label that was made anew, by another model, prompt or guideline, is not what people saw before it came.
    """
    started = {run.id: run.started_at for run in views.runs(project.id)}
    number = dict(zip(pool.item.tolist(), pool.prediction.tolist(), strict=True))
    asked = sorted({int(number.get(int(a.item), 0)) for a in review} - {0})
    since = {id: started.get(origin.run, "") for id, origin in views.prediction_origins(project.id, asked).items()}
    return lambda a: a.created_at >= since.get(int(number.get(int(a.item), 0)), "")


def with_first_answers(views: Views, project: Project, every: Sequence[Annotation]) -> list[Annotation]:
    """Put back what people said before a judging model objected: that is what showing, or not, has done to them."""
    first = {
        (one.item, one.question, one.annotator, one.round): one.annotation
        for one in reversed(views.objections(project.id))  # the earliest stays
        if one.settled == "changed"
    }
    found: list[Annotation] = []
    for a in every:
        before = first.get((a.item, a.question, a.annotator, a.round))
        answer = None if before is None else views.annotation(before)
        found.append(a if answer is None else answer)
    return found


def _hiding_times(views: Views, project: Project) -> list[tuple[str, str]]:
    """Give since when which policy was in force: (instant, `joint` | `hidden` | ``), oldest first."""
    found: list[tuple[str, str]] = []
    for one in views.config_versions(project.id):
        config = views.config(project.id, one.version)
        if config is not None:
            hides = config.policy.hides_suggestions
            found.append((one.at, ("joint" if config.policy.cooperation == "joint" else "hidden") if hides else ""))
    return found


def _in(times: list[tuple[str, str]], at: str) -> str:
    return next((what for since, what in reversed(times) if since <= at), "")
