"""A certificate can be computed again from the ledger, byte for byte, whatever happened since."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from labelwright.domain.canonical import digest
from labelwright.domain.project import CertifyRule, Guideline
from labelwright.events import AnnotationRetracted, CertificateIssued
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.check_certificate import CheckedCertificate, check_certificates
from tests.story.small_project import SmallProject, configuration, spread


def checked(small: SmallProject) -> CheckedCertificate:
    with small.storage.reading() as views:
        (found,) = check_certificates(views, small.id)
    return found


@pytest.fixture(params=[CertifyRule(), CertifyRule(by="label"), CertifyRule(method="conformal")])
def small(request: pytest.FixtureRequest) -> SmallProject:
    made = SmallProject.made(configuration(certify=request.param, calibration_votes=3), n_items=450, n_people=3)
    said, sure, truth = spread(made.keys(), n_wrong_last=80)
    made.predict(said, sure)
    calibrate(made.id, storage=made.storage, world=made.world)
    made.work_queue(lambda item, _q, number: "bad" if (item + number) % 29 == 0 else truth[item])
    assert calibrate(made.id, storage=made.storage, world=made.world).state == "certified"
    return made


def test_it_comes_out_the_same_also_after_answers_were_taken_back_and_the_guideline_changed(
    small: SmallProject,
) -> None:
    assert checked(small).holds
    with small.storage.reading() as views:
        votes = views.annotations(small.id)[:40]
    taken_back = [AnnotationRetracted(small.id, a.id, a.item, a.question, "a slip") for a in votes]
    small.storage.write(lambda tx: tx.append(taken_back, small.world.provenance()))
    small.reconfigure(replace(small.project.config, guideline=Guideline(1, "Bad is bad.")))
    found = checked(small)
    assert (found.holds, found.recomputed, found.why) == (True, found.id, None)


def test_one_that_says_something_else_than_its_sample_is_found_out(small: SmallProject) -> None:
    with small.storage.reading() as views:
        issued = views.certificates(small.id)["tone"]
    forged = {**cast("dict[str, Any]", issued["certificate"]), "n_wrong": 0, "coverage": 0.99}
    event = CertificateIssued(
        small.id, str(issued["plan"]), "tone", forged, cast("dict[str, Any]", issued["calibration"])
    )
    small.storage.write(lambda tx: tx.append([event], small.world.provenance()))
    found = checked(small)
    assert not found.holds
    assert set(found.differs) == {"n_wrong", "coverage"}


def test_where_predictions_were_replaced_it_says_that_it_cannot(small: SmallProject) -> None:
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "bad"), dict.fromkeys(keys, 0.5))
    found = checked(small)
    assert (found.holds, found.recomputed) == (False, None)
    assert "not those that were frozen" in (found.why or "")


def test_an_older_certificate_is_held_to_what_it_says(small: SmallProject) -> None:
    with small.storage.reading() as views:
        issued = views.certificates(small.id)["tone"]
    newer = {"rule", "thresholds", "promise", "statement", "stated_error", "names", "id"}
    old = {name: value for name, value in cast("dict[str, Any]", issued["certificate"]).items() if name not in newer}
    old["id"] = digest(old)[:16]
    event = CertificateIssued(small.id, str(issued["plan"]), "tone", old, cast("dict[str, Any]", issued["calibration"]))
    small.storage.write(lambda tx: tx.append([event], small.world.provenance()))
    assert checked(small).holds


def test_one_whose_sentences_an_older_version_put_otherwise_holds_and_says_so(small: SmallProject) -> None:
    with small.storage.reading() as views:
        issued = views.certificates(small.id)["tone"]
    old = {**cast("dict[str, Any]", issued["certificate"]), "statement": "As it was said then.", "id": ""}
    for known, holds in ((digest({k: v for k, v in old.items() if k != "id"})[:16], True), ("0" * 16, False)):
        told = cast("dict[str, Any]", issued["calibration"])
        event = CertificateIssued(small.id, str(issued["plan"]), "tone", {**old, "id": known}, told)
        small.storage.write(lambda tx, event=event: tx.append([event], small.world.provenance()))
        found = checked(small)
        assert (found.holds, found.differs) == (holds, ())
        assert "in other words: statement" in (found.why or "")
