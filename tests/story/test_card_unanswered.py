"""What was drawn and never answered: either right or wrong in every interval of a card."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwright.adapters.report.card_page import card_page
from labelwright.adapters.report.card_words import accuracy_sentences
from labelwright.domain.canonical import Json
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.report import build_report
from tests.story.card_project import card_of, first
from tests.story.small_project import SmallProject, configuration
from tests.story.test_estimate import finished, true_error, world


def audited_but_for_what_is_hard(seed: int, *, answer_all: bool) -> tuple[SmallProject, dict[int, Json]]:
    """Take a project to its audit, whose reviewer answers the audit's items; or passes on those the model got wrong."""
    small = SmallProject.made(
        configuration(seed=seed, calibration_size=150, audit_share=0.4, target_error=0.2), n_items=400
    )
    said, sure, truth = world(np.random.default_rng(seed), small.keys())
    small.predict(said, sure)
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _q, _n: truth[item])
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        n_audit = len(views.queued(small.id, "audit"))
    wrong = set() if answer_all else {key for key in truth if said[key] != truth[key]}
    small.work_queue(lambda item, _q, _n: truth[item], most=n_audit, passed_over=wrong)
    aggregate(small.id, storage=small.storage, world=small.world)
    return small, truth


def test_audited_items_that_were_passed_over_widen_every_interval_and_are_told() -> None:
    whole, hole = (audited_but_for_what_is_hard(1, answer_all=every)[0] for every in (True, False))
    full, told = first(whole), first(hole)
    assert full["missing"]["n_audit"] == 0
    n = told["missing"]["n_audit"]
    assert n >= 3
    # Answers that are missing because they would have been "wrong" flatter the value, never the lower end.
    assert told["accuracy"]["accepted"]["value"] > full["accuracy"]["accepted"]["value"]
    assert told["accuracy"]["accepted"]["low"] <= full["accuracy"]["accepted"]["low"] + 1e-9
    assert told["accuracy"]["accepted"]["high"] >= full["accuracy"]["accepted"]["high"] - 1e-9
    assert told["accuracy"]["overall"]["low"] <= full["accuracy"]["overall"]["low"] + 0.005
    assert told["missing"]["widens"] > 0
    assert told["missing"]["overall"]["low"] == told["accuracy"]["overall"]["low"]
    assert told["missing"]["overall"]["low_if_alike"] > told["accuracy"]["overall"]["low"]
    assert told["missing"]["is_large"] == (told["missing"]["share"] > 0.05)
    card = card_of(hole)
    assert "were never answered" in " ".join(accuracy_sentences(told))
    assert "were never answered" in card_page(card)
    assert "were never answered" not in card_page(card_of(whole))
    with hole.storage.reading() as views:
        estimate: Any = build_report(views, hole.id)["questions"]
    estimate = estimate[0]["estimate"]
    assert estimate["n_unanswered"] == n
    parts = {part["part"]: part for part in estimate["parts"]}
    assert parts["accepted"]["error_high"] >= n / 400


def test_how_far_people_got_is_no_loss() -> None:
    _, _, small = finished(1, n_reviewed=10)
    missing = first(small)["missing"]
    assert (missing["n_calibration"], missing["n_audit"], missing["widens"]) == (0, 0, 0.0)


def test_intervals_hold_though_the_hard_ones_are_never_answered() -> None:
    missed, n_runs = 0, 8
    for seed in range(n_runs):
        small, truth = audited_but_for_what_is_hard(seed, answer_all=False)
        told = first(small)["accuracy"]["overall"]
        missed += not told["low"] - 1e-9 <= 1 - true_error(small, truth) <= told["high"] + 1e-9
    assert missed / n_runs <= 0.05 + 3 * (0.05 * 0.95 / n_runs) ** 0.5
