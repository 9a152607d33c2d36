"""Items that come after the pool was frozen: never covered, and told; covered by a new sample where one is asked."""

from __future__ import annotations

from typing import Any

import pytest

from labelwright.errors import NotReady
from labelwright.services.acceptance.calibrate import CalibrationReport, calibrate
from labelwright.services.acceptance.cockpit import cockpit
from labelwright.services.acceptance.route import route
from labelwright.services.acceptance.uncovered import n_uncovered, uncovered_words
from labelwright.services.projects.project_of import project_of
from labelwright.services.projects.status import status
from tests.story.small_project import SmallProject, configuration


def calibrated(small: SmallProject, **options: bool) -> CalibrationReport:
    return calibrate(small.id, storage=small.storage, world=small.world, **options)


def accepting() -> SmallProject:
    """400 items that the model gets right, of which 150 certify the rest."""
    small = SmallProject.made(configuration(calibration_size=150), n_items=400)
    small.predict(dict.fromkeys(small.keys(), "good"), dict.fromkeys(small.keys(), 0.9))
    calibrated(small)
    small.work_queue(lambda _item, _q, _n: "good")
    assert calibrated(small).certificates["tone"]["is_certified"]
    route(small.id, storage=small.storage, world=small.world)
    return small


def late(small: SmallProject, n: int = 200) -> set[int]:
    small.add_items(n, prefix="late")
    keys = small.keys()[400:]
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.99))
    return set(keys)


def routes(small: SmallProject, keys: set[int]) -> set[str]:
    route(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        return {d.route for d in views.decisions(small.id) if int(d.item) in keys}


def test_what_came_after_the_freeze_is_not_covered_and_everybody_is_told() -> None:
    small = accepting()
    assert calibrated(small, new_pool=True).state == "certified"  # nothing came: there is no need of a new pool
    keys = late(small)
    assert routes(small, keys) == {"review"}
    report = calibrated(small)
    assert (report.state, report.n_uncovered) == ("certified", 200)
    with small.storage.reading() as views:
        assert status(views, small.id).n_uncovered == 200
        told: Any = cockpit(views, small.id)
    assert told["n_uncovered"] == 200
    assert "200 items came after the pool was frozen, and are not covered" in uncovered_words(200)
    small.work_queue(lambda _item, _q, _n: "good", most=40)
    with small.storage.reading() as views:
        labelled = {int(a.item) for a in views.annotations(small.id)}
        assert n_uncovered(views, project_of(views, small.id)) == 200 - len(labelled & keys)


def test_a_new_pool_has_a_sample_and_a_certificate_of_its_own() -> None:
    small = accepting()
    keys = late(small)
    first = calibrated(small)
    planned = calibrated(small, new_pool=True)
    assert planned.state == "planned"
    assert planned.plan != first.plan
    with small.storage.reading() as views:
        labelled = {int(a.item) for a in views.annotations(small.id)}
        plan: Any = views.plan(small.id)
    sample = set(plan["items"])
    assert not sample & labelled, "who was labelled before is in no new sample"
    assert sample & keys
    assert sample - keys, "what was accepted unseen before is in the pool again"
    assert planned.n_pool == 600 - 150
    with pytest.raises(NotReady, match="has no certificate yet"):
        calibrated(small, new_pool=True)
    small.work_queue(lambda _item, _q, _n: "good")
    done = calibrated(small)
    assert (done.state, done.n_uncovered) == ("certified", 0)
    assert done.certificates["tone"]["id"] != first.certificates["tone"]["id"]
    assert "accept" in routes(small, keys)
