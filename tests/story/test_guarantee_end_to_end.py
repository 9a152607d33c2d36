"""The promise through the whole project: predictions in the ledger, a drawn sample, people, certificate, routing.

Everything is the product's own but the people's desk: their answers go into the ledger at once, which saves two thirds
of the time. `benchmarks/guarantees.py` repeats the method alone a thousand times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest

from benchmarks.guarantees import WORLDS, Bools, Floats, World, leaked, world
from labelwright.domain.annotation import Annotation
from labelwright.domain.ids import AnnotationId, ItemKey, QuestionName
from labelwright.errors import NotReady
from labelwright.events import AnnotationSubmitted
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from tests.story.small_project import SmallProject, configuration

N, N_CALIBRATION, TARGET, DELTA = 240, 110, 0.2, 0.05
N_DRAWS = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one project accepted, and how much of it is wrong."""

    n_accepted: int
    n_wrong: int

    @property
    def is_broken(self) -> bool:
        return self.n_accepted > 0 and self.n_wrong > TARGET * self.n_accepted + 1e-9


def prepared(seed: int, score: Floats) -> SmallProject:
    """Give a project whose model says "good" of everything, this sure."""
    small = SmallProject.made(configuration(seed=seed, calibration_size=N_CALIBRATION, target_error=TARGET), n_items=N)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), dict(zip(keys, _in_unit(score), strict=True)))
    return small


def _in_unit(score: Floats) -> list[float | None]:
    low, high = float(score.min()), float(score.max())
    return [float((s - low) / (high - low)) for s in score]


def sample_of(small: SmallProject) -> list[int]:
    with small.storage.reading() as views:
        return list(cast("dict[str, Any]", views.plan(small.id))["items"])


def answer_all(small: SmallProject, wrong: Bools) -> None:
    """Have one person answer the whole sample, blind and rightly."""
    place = {key: i for i, key in enumerate(small.keys())}
    schema = small.project.config
    events = [
        AnnotationSubmitted(
            small.id,
            Annotation(
                id=AnnotationId(small.world.new_id()),
                item=ItemKey(key),
                question=QuestionName("tone"),
                annotator=small.people[0].id,
                round=0,
                purpose="calibration",
                value="bad" if wrong[place[key]] else "good",
                schema_version=schema.schema.version,
                guideline_version=schema.guideline.version,
                seconds=1.0,
                suggestion_shown=False,
                status="active",
                created_at=small.world.timestamp(),
                submission=f"s{key}",
            ),
            "0" * 64,
        )
        for key in sample_of(small)
    ]
    small.storage.write(lambda tx: tx.append(events, small.world.provenance()))


def run_once(seed: int, score: Floats, wrong: Bools) -> Outcome:
    small = prepared(seed, score)
    calibrate(small.id, storage=small.storage, world=small.world)
    answer_all(small, wrong)
    assert calibrate(small.id, storage=small.storage, world=small.world).state == "certified"
    route(small.id, storage=small.storage, world=small.world)
    truth = dict(zip(small.keys(), wrong, strict=True))
    with small.storage.reading() as views:
        taken = [int(d.item) for d in views.decisions(small.id) if d.route in ("accept", "audit")]
    assert not set(taken) & set(sample_of(small))
    small.storage.close()
    return Outcome(len(taken), int(sum(truth[item] for item in taken)))


@pytest.mark.parametrize("name", WORLDS)
def test_what_the_project_accepts_breaks_its_limit_no_more_often_than_it_says(name: World) -> None:
    # A fifth may be wrong; a little more than a fifth is, so that certifying is a close call.
    rng = np.random.default_rng(77)
    outcomes = [run_once(seed, *world(rng, name, N, worst=0.45)) for seed in range(N_DRAWS)]
    broken = np.mean([outcome.is_broken for outcome in outcomes])
    assert broken <= DELTA + 3 * (DELTA * (1 - DELTA) / N_DRAWS) ** 0.5
    assert np.mean([outcome.n_accepted > 0 for outcome in outcomes]) > 0.2  # who never accepts breaks nothing


def drawn_at(seed: int) -> list[int]:
    """Find out, as nobody may, where the sample of a seed will be."""
    small = prepared(seed, np.linspace(0, 1, N))
    calibrate(small.id, storage=small.storage, world=small.world)
    place = {key: i for i, key in enumerate(small.keys())}
    return [place[key] for key in sample_of(small)]


def test_failing_control_a_score_fitted_on_the_very_items_that_are_drawn_breaks_it() -> None:
    rng = np.random.default_rng(78)
    broken = 0
    for seed in range(20):
        score, wrong = world(rng, "smooth", N, worst=0.6)  # three tenths are wrong: nothing may be certified whole
        broken += run_once(seed, leaked(score, np.array(drawn_at(seed)), wrong, share=1.0), wrong).is_broken
    assert broken / 20 > 0.5


def test_a_score_fitted_after_the_labels_came_in_is_refused() -> None:
    score, wrong = world(np.random.default_rng(79), "smooth", N)
    small = prepared(1, score)
    calibrate(small.id, storage=small.storage, world=small.world)
    answer_all(small, wrong)
    keys = small.keys()
    refitted = _in_unit(leaked(score, np.array([keys.index(key) for key in sample_of(small)]), wrong))
    small.predict(dict.fromkeys(keys, "good"), dict(zip(keys, refitted, strict=True)))
    with pytest.raises(NotReady, match="frozen"):
        calibrate(small.id, storage=small.storage, world=small.world)
