"""Weights for analysts: chances and pseudo-outcomes, exported beside the card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelwright.domain.canonical import Json
from labelwright.errors import NotReady
from labelwright.methods.estimation import pseudo_regression
from labelwright.services.acceptance.calibrate import calibrate
from tests.story.card_project import exported, first, the_project
from tests.story.small_project import SmallProject, configuration


def weights_of(folder: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in (folder / "weights.jsonl").read_text().splitlines()]


def test_weights_give_each_item_its_chance_and_an_outcome_that_is_right_on_average(tmp_path: Path) -> None:
    small, truth = the_project()
    exported(small, tmp_path, weights=True)
    rows = weights_of(tmp_path)
    assert len(rows) == 400
    drawn = [row for row in rows if row["drawn"]]
    assert len(drawn) == first(small)["n_human"]
    assert all((row["truth"] is not None) == row["drawn"] for row in rows)
    # Two rates: the sample alone, 150 of 400, and with the audit on top, 1 − (1 − p)(1 − 30/M).
    chances = sorted({round(row["inclusion"], 9) for row in rows})
    n_accepted = sum(row["inclusion"] > 0.375 + 1e-9 for row in rows)
    assert chances[0] == pytest.approx(0.375)
    assert len(chances) == 2
    assert n_accepted > 100
    really = np.mean([value == "bad" for value in truth.values()])
    estimated = np.mean([row["outcome"]["bad"] for row in rows])
    assert estimated == pytest.approx(really, abs=0.06)
    assert all(sum(row["outcome"].values()) == pytest.approx(1, abs=0.2) for row in rows)


def test_a_regression_on_pseudo_outcomes_finds_what_model_labels_hide(tmp_path: Path) -> None:
    # The model says "good" of everything; long texts are bad more often.
    found: list[tuple[float, float, float]] = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        small = SmallProject.made(configuration(seed=seed, calibration_size=150), n_items=400)
        keys = small.keys()
        length = rng.random(400)
        truth: dict[int, Json] = {
            k: "bad" if rng.random() < 0.1 + 0.5 * x else "good" for k, x in zip(keys, length, strict=True)
        }
        small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
        calibrate(small.id, storage=small.storage, world=small.world)
        small.work_queue(lambda item, _q, _n, truth=truth: truth[item])
        calibrate(small.id, storage=small.storage, world=small.world)
        folder = tmp_path / str(seed)
        exported(small, folder, weights=True)
        outcome = [row["outcome"]["bad"] for row in weights_of(folder)]
        fit = pseudo_regression(outcome, np.column_stack([np.ones(400), length]))
        found.append((float(fit.coefficients[1]), float(fit.low[1]), float(fit.high[1])))
    slopes = np.array(found)
    assert abs(slopes[:, 0].mean() - 0.5) < 0.2
    assert np.sum((slopes[:, 1] <= 0.5) & (slopes[:, 2] >= 0.5)) >= 3


def test_what_was_drawn_and_never_answered_is_not_drawn_for_any_outcome(tmp_path: Path) -> None:
    small = SmallProject.made(configuration(calibration_size=100), n_items=300)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), {k: 0.5 + n / 600 for n, k in enumerate(keys)})
    calibrate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        plan: Any = views.plan(small.id)
    left: set[int] = set(plan["items"][:20])
    small.work_queue(lambda item, _q, _n: "bad" if item % 4 == 0 else "good", passed_over=left)
    calibrate(small.id, storage=small.storage, world=small.world, count_missing_as_wrong=True)
    exported(small, tmp_path, weights=True)
    rows = weights_of(tmp_path)
    assert sum(row["drawn"] for row in rows) == 80
    for row in rows:
        assert row["drawn"] or 0 <= row["right"] <= 1, "nobody said anything of it: there is nothing to mend it by"
    right = np.mean([row["right"] for row in rows])
    assert right == pytest.approx(np.mean([row["outcome"]["good"] for row in rows]), abs=0.02)


def test_weights_need_a_sample(tmp_path: Path) -> None:
    small = SmallProject.made(configuration(), n_items=20)
    with pytest.raises(NotReady, match="no random sample speaks"):
        exported(small, tmp_path, weights=True)
    assert not any(path.is_file() for path in tmp_path.iterdir())
