"""What the model and people said of two sets of items, held side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project, Question
from labelwright.ports.storage import Views
from labelwright.services.acceptance.groups import named
from labelwright.services.models.score import scored_pool
from labelwright.services.people.consensus import consensus, readable
from labelwright.services.soundness.drift_sides import Sides
from labelwright.services.soundness.drift_tests import Finding, Shares, corrected_shares, label_shares, score_shares
from labelwright.tasks.registry import bind


@dataclass(frozen=True, slots=True)
class LabelFindings:
    """What is known of a question's labels on the two sides."""

    predicted: Shares | None
    confidence: Finding | None
    given: Shares | None
    people_over_time: Shares | None
    corrected: dict[str, Json] | None


def compare_labels(
    views: Views, project: Project, question: Question, pair: Sides, *, rng: np.random.Generator, n_shuffles: int
) -> LabelFindings:
    """Compare what the model and what people, blind and of random samples, said of the two sides.

    Under the prompt and guideline in force alone: what others changed is no drift of the items.
    """
    predicted, sure = _by_model(views, project, question)
    task = bind(question)
    blind = [
        a
        for a in readable(task, views.annotations(project.id, question=question.name, purpose="calibration"))
        if a.is_blind and a.guideline_version == project.config.guideline.version
    ]
    people = {item: named(said.value) for item, said in consensus(task, blind).items() if not said.is_tied}
    before, after = ({int(key) for key in keys} for keys in (pair.before, pair.after))

    def shares(about: str, one: list[str], other: list[str]) -> Shares | None:
        return label_shares(about, one, other, rng=rng, n_shuffles=n_shuffles)

    def of(labels: Mapping[int, str], side: set[int]) -> list[str]:
        return [label for item, label in labels.items() if item in side]

    def numbers(side: set[int]) -> NDArray[np.float64]:
        return np.array([value for item, value in sure.items() if item in side], dtype=np.float64)

    both = sorted(item for item in people.keys() & predicted.keys() if item in before)
    newest = max((a.round for a in blind), default=0)
    in_order = [named(a.value) for a in blind if a.round == newest]
    half = len(in_order) // 2
    return LabelFindings(
        predicted=shares("predicted", of(predicted, before), of(predicted, after)),
        confidence=score_shares(numbers(before), numbers(after), rng=rng, n_shuffles=n_shuffles),
        given=shares("given", of(people, before), of(people, after)),
        people_over_time=shares("people over time", in_order[:half], in_order[half:]),
        corrected=corrected_shares(
            [people[item] for item in both], [predicted[item] for item in both], of(predicted, after), rng=rng
        ),
    )


def _by_model(views: Views, project: Project, question: Question) -> tuple[dict[int, str], dict[int, float]]:
    """Give the routed labels and their scores, by item."""
    if not project.config.models:
        return {}, {}
    pool = scored_pool(views, project.id, project.config, question.name)
    places = np.flatnonzero(pool.is_valid).tolist()
    predicted = {int(pool.item[at]): named(pool.value[at]) for at in places}
    return predicted, {int(pool.item[at]): float(pool.score[at]) for at in places}


def findings_of(labels: LabelFindings) -> list[Finding]:
    """Give the tests that were made."""
    shares = (labels.predicted, labels.given, labels.people_over_time)
    return [one.finding for one in shares if one is not None] + (
        [] if labels.confidence is None else [labels.confidence]
    )


def with_corrected(labels: LabelFindings, coming: Iterator[Finding]) -> LabelFindings:
    """Put corrected p-values in, in the order in which `findings_of` gives them."""
    shares = [
        None if one is None else replace(one, finding=next(coming))
        for one in (labels.predicted, labels.given, labels.people_over_time)
    ]
    confidence = None if labels.confidence is None else next(coming)
    return LabelFindings(shares[0], confidence, shares[1], shares[2], labels.corrected)


def labels_json(labels: LabelFindings) -> dict[str, Json]:
    """Give all of it for report and pictures."""
    return {
        "predicted": None if labels.predicted is None else labels.predicted.as_json(),
        "confidence": None if labels.confidence is None else labels.confidence.as_json(),
        "given": None if labels.given is None else labels.given.as_json(),
        "people_over_time": None if labels.people_over_time is None else labels.people_over_time.as_json(),
        "corrected": labels.corrected,
    }
