"""A question whose labels are one option of a fixed list: models and signals are weighed as a panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.methods.confidence.panel import Panel
from labelwright.methods.confidence.panel_design import PanelSignals
from labelwright.methods.protocols import Belief, learn, plan_draw
from labelwright.ports.student import Student
from labelwright.services.acceptance.calibration_plan import sample_size
from labelwright.services.models.evidence import Evidence
from labelwright.services.models.labeller import may_focus, start_planned_for
from labelwright.services.models.opinions import opinions
from labelwright.tasks.protocol import Ballots


@dataclass(frozen=True, slots=True)
class Said:
    """A combined label; value None = no model gave a valid one."""

    value: Json
    probability: float | None
    signals: Mapping[str, Json]


def panel_signals(known: Evidence, votes_NM: NDArray[np.int64], n_options: int, student: Student) -> PanelSignals:
    """Give all that is known of the labels before people see them, and a student's and the neighbours' opinions."""
    return PanelSignals(
        votes=votes_NM,
        n_options=n_options,
        confidences=dict(known.signals),
        opinions=opinions(votes_NM, n_options, texts=known.texts, vectors=known.vector, student=student),
        numbers={"log_length": known.log_length},
    )


def fit_by_panel(
    project: Project,
    known: Evidence,
    signals: PanelSignals,
    labelled: NDArray[np.int64],
    truth: NDArray[np.int64],
    *,
    unlabelled: NDArray[np.int64],
    rng: np.random.Generator,
) -> dict[str, Json]:
    """Learn whom to believe, what to draw from, and where a certificate's tests should start: all of it is frozen next.

    labelled, truth: positions and people's options of the sample to learn from.  unlabelled: positions from which the
    sample that certifies will be drawn.
    """
    learned = learn(signals, labelled, truth, rng=rng, keep_first=project.config.ensemble == "first")
    score = np.where(known.suspicious, np.nan, learned.score)[unlabelled]
    return {
        "how": f"{known.models[0]}'s label, its signals weighed by people's labels"
        if project.config.ensemble == "first"
        else "jury, weighed by people's labels",
        "panel": learned.panel.to_json(),
        "keeps_first": learned.keeps_first,
        **plan_of(project, score, learned.belief, rng=rng),
    }


def plan_of(
    project: Project, score: NDArray[np.float64], belief: Belief, *, rng: np.random.Generator
) -> dict[str, Json]:
    """Say where a certificate's tests should start, and from which items its sample is drawn, as a fit keeps it.

    score: of the items it may be drawn from, nan = goes to a person.  belief: how far the score may be trusted.
    """
    planned_for = start_planned_for(project.config)
    plan = plan_draw(
        score,
        belief,
        n_labels=min(sample_size(project.config, len(score), has_learnt=True), len(score)),
        target_error=cast("float", planned_for["target_error"]),
        delta=cast("float", planned_for["delta"]),
        rng=rng,
        may_focus=may_focus(project.config),
    )
    planned: dict[str, Json] = {}
    if plan.start.first_threshold is not None:
        planned |= {"first_threshold": plan.start.first_threshold, "planned_for": planned_for}
    if plan.lowest is not None:
        planned |= {"lowest": plan.lowest}
    return planned


def say_by_panel(
    known: Evidence,
    signals: PanelSignals,
    stored: Mapping[str, Any],
    *,
    template: Ballots,
    due: NDArray[np.int64],
    keep_first: bool,
) -> list[Said]:
    """Give the label and the score of the items at the positions `due`."""
    some = signals.rows(due)
    read = Panel.from_json(stored).read(some, keep_first=keep_first)
    found: list[Said] = []
    for place, at in enumerate(due):
        label = int(read.label[place])
        if label < 0:
            found.append(Said(None, None, {}))
            continue
        score = None if known.suspicious[at] else float(read.probability[place])
        told: dict[str, Json] = {"signals": cast("dict[str, Json]", beside(some, place, label))}
        if keep_first:
            found.append(Said(known.value[0][at], score, {**told, "prediction": int(known.prediction[at])}))
            continue
        one = np.zeros(template.n_options)
        one[label] = 1.0
        told["votes"] = {model: known.value[column][at] for column, model in enumerate(known.models)}
        found.append(Said(known.task.dump(known.task.compose([one], template)), score, told))
    return found


def beside(some: PanelSignals, place: int, label: int) -> dict[str, float]:
    """Give what each signal says of the label, for people to see."""
    found = {name: float(some.confidence(name)[place, 0]) for name in some.confidences}
    found |= {name: float(np.asarray(value)[place, label]) for name, value in some.opinions.items()}
    others = [int(vote) for vote in np.asarray(some.votes)[place, 1:] if vote >= 0]
    if others:
        found["agreement"] = sum(vote == label for vote in others) / len(others)
    return {name: round(value, 6) for name, value in found.items() if not np.isnan(value)}
