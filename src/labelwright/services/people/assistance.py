"""How a model's help stood by an answer: what was shown, by which chance, what the person said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labelwright.domain.annotation import Assistance, Verdict
from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotatorId, QuestionName
from labelwright.domain.project import Project, Question
from labelwright.domain.queue import Lease
from labelwright.domain.sighting import Way
from labelwright.errors import InvalidValue
from labelwright.ports.storage import Views
from labelwright.services.people.lease_token import Claim
from labelwright.services.people.sightings import seen_before
from labelwright.tasks.registry import bind


@dataclass(frozen=True, slots=True)
class Help:
    """What a person submits.  reason: why the model's label was rejected, where they judge it."""

    values: Mapping[QuestionName, Json]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """was_shown: a label was seen before the answer.  by_question: None where there is nothing to note."""

    was_shown: Mapping[QuestionName, bool]
    by_question: Mapping[QuestionName, Assistance | None]


def help_given(
    views: Views, project: Project, annotator: AnnotatorId, *, lease: Lease, claim: Claim, said: Help
) -> Given:
    """Say what to note beside each answer.

    Raises: InvalidValue at `reason`, when the model's label is judged wrong and nothing says why.
    """
    display, probability = claim.display, claim.probability
    # What was seen stays seen, also where this claim of the item came to hide it; see `Annotation.is_blind`.
    seen = seen_before(views, annotator, lease.item, said.values)
    is_in_view = display not in ("hidden", "after_choice")
    was_shown = {question: is_in_view or bool(seen[question]) for question in said.values}
    # Asking the assistant is itself a sighting, of every question: without one nothing was asked.
    has_asked = any(one.way == "assistant" and one.round == lease.round for found in seen.values() for one in found)
    asked = len(views.assistant_uses(project.id, annotator, lease.item, lease.round)) if has_asked else 0
    elsewhere: dict[QuestionName, tuple[Way, ...]] = {
        question: tuple(dict.fromkeys(one.way for one in found if one.is_elsewhere(lease.round)))
        for question, found in seen.items()
    }
    is_plain = display in ("hidden", "shown") and set(was_shown.values()) == {is_in_view}
    if is_plain and probability is None and not asked and not any(elsewhere.values()):
        return Given(was_shown, dict.fromkeys(said.values))
    verdicts = _verdicts(views, project, lease, said.values) if display == "judge" else {}
    if "rejected" in verdicts.values() and not said.reason.strip():
        raise InvalidValue("reason", "you answer something else than the model", "; say why its label is wrong")
    noted = {
        question: Assistance(
            display,
            probability,
            verdicts.get(question),
            said.reason.strip() if verdicts.get(question) == "rejected" else "",
            asked,
            elsewhere[question],
            project.config.policy.suggestions_per if probability is not None else "entry",
        )
        for question in said.values
    }
    return Given(was_shown, noted)


def differs_from_model(
    views: Views, project: Project, lease: Lease, values: Mapping[QuestionName, Json]
) -> dict[QuestionName, bool]:
    """Say, per question the model answered, whether a person's value lies further off than the task tolerates."""
    found: dict[QuestionName, bool] = {}
    for name, row in views.suggestions(project.id, lease.item, list(values)).items():
        question = project.config.schema.question(name)
        if question is not None and _fits(question, row.value):
            task, name_ = bind(question), QuestionName(name)
            far = task.distance(task.parse(values[name_]), task.parse(row.value))
            found[name_] = far > task.tolerance
    return found


def _fits(question: Question, said: Json) -> bool:
    """Say whether what the model said is a label of the schema in force; it may have answered an earlier one."""
    try:
        bind(question).parse(said)
    except InvalidValue:
        return False
    return True


def _verdicts(
    views: Views, project: Project, lease: Lease, values: Mapping[QuestionName, Json]
) -> dict[QuestionName, Verdict]:
    differing = differs_from_model(views, project, lease, values)
    return {question: "rejected" if differs else "accepted" for question, differs in differing.items()}
