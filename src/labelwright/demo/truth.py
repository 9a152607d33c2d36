"""How often labels are really wrong, which only a demonstration with known answers can say. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.demo.people import compose_options, unit_options
from labelwright.domain.canonical import Json
from labelwright.ports.student import Student
from labelwright.tasks.protocol import Task


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """Of n labels, how many are wrong: further from the truth than the question tolerates, as a certificate counts."""

    n: int = 0
    wrong: float = 0.0

    @property
    def rate(self) -> float | None:
        """Give the share that is wrong; None when there are no labels."""
        return self.wrong / self.n if self.n else None

    def __add__(self, other: ErrorCount) -> ErrorCount:
        return ErrorCount(self.n + other.n, self.wrong + other.wrong)


@dataclass(frozen=True, slots=True)
class TrueErrors:
    """One question's, or several questions' pooled, true errors.

    auto_accepted: the accepted labels outside the calibration sample, as the model gave them.
    final_before_audit: the final data set, had the audit repaired nothing.  final: as it is.
    model_only: the model's label on every item.  people_only: the same number of labels bought from people for a random
    part, the rest by a student that learned from them.  A missing label counts as wrong everywhere.
    """

    auto_accepted: ErrorCount = ErrorCount()
    final_before_audit: ErrorCount = ErrorCount()
    final: ErrorCount = ErrorCount()
    model_only: ErrorCount = ErrorCount()
    people_only: ErrorCount = ErrorCount()

    def __add__(self, other: TrueErrors) -> TrueErrors:
        return TrueErrors(
            self.auto_accepted + other.auto_accepted,
            self.final_before_audit + other.final_before_audit,
            self.final + other.final,
            self.model_only + other.model_only,
            self.people_only + other.people_only,
        )


def true_errors(
    task: Task[object],
    gold: Mapping[str, Json],
    *,
    predicted: Mapping[str, Json],
    resolved: Mapping[str, Json],
    accepted: Collection[str],
    audited: Collection[str],
    people_only: Mapping[str, Json],
) -> TrueErrors:
    """Compare one question's labels with the truth; all keys are item ids, items without gold are left out.

    accepted: items accepted unseen, calibration excluded.  audited: those of them whose label an audit may have mended.
    """
    unmended = {item: predicted.get(item) if item in audited else resolved.get(item) for item in gold}
    return TrueErrors(
        auto_accepted=count_errors(task, gold, predicted, [item for item in gold if item in accepted]),
        final_before_audit=count_errors(task, gold, unmended, gold),
        final=count_errors(task, gold, resolved, gold),
        model_only=count_errors(task, gold, predicted, gold),
        people_only=count_errors(task, gold, people_only, gold),
    )


def count_errors(
    task: Task[object], gold: Mapping[str, Json], labels: Mapping[str, Json], items: Collection[str]
) -> ErrorCount:
    """Count the labels that are wrong against gold; a missing label is."""
    wrong = 0.0
    for item in items:
        label = labels.get(item)
        wrong += label is None or task.distance(task.parse(label), task.parse(gold[item])) > task.tolerance
    return ErrorCount(len(items), wrong)


def label_with_people_only(
    task: Task[object],
    texts: Mapping[str, str],
    *,
    n_labels: int,
    ask: Callable[[str], Json],
    student: Student,
    rng: np.random.Generator,
) -> dict[str, Json]:
    """Label a whole pool without a language model: `n_labels` random items by one person each, the rest by a student.

    texts: item -> what it says.  ask: item -> a person's answer; None when they know none.
    """
    items = list(texts)
    drawn: Sequence[int] = sorted(int(i) for i in rng.permutation(len(items))[: min(n_labels, len(items))])
    answers = {i: ask(items[i]) for i in drawn}
    known = {i: value for i, value in answers.items() if value is not None}
    if not known:
        return {}
    labels: dict[str, Json] = {items[i]: value for i, value in known.items()}
    ballots = task.decompose([task.parse(next(iter(known.values())))])
    # A student learns options that mean the same on every item; where they do not, the rest stays without a label.
    if len(known) < len(items) and ballots.option_space == "shared":
        options = np.array([unit_options(task, value) for value in known.values()], dtype=np.int64)
        width = ballots.n_options
        posterior = student.label(list(texts.values()), labelled=list(known), options_LU=options, n_options=width)
        chosen = posterior.argmax(axis=2)
        for i, item in enumerate(items):
            if item not in labels:
                labels[item] = compose_options(task, [int(option) for option in chosen[i]], ballots)
    return labels
