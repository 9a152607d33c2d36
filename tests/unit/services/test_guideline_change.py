"""What a probe of a changed guideline says of labels: of those it could have drawn, and of no others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from labelwright.services.comparing.evaluate_run import Said
from labelwright.services.soundness.guideline_change import OldLabels, _foreseen  # pyright: ignore[reportPrivateUsage]
from tests.story.small_project import TONE

N = 1_000


def foreseen(flips: np.ndarray, learn: np.ndarray, test: np.ndarray, drawn_from: np.ndarray) -> dict[str, Any]:
    """Labels "good" of items 0 … N − 1, of which some flip, nothing telling which."""
    item = np.arange(N, dtype=np.int64)
    none = np.zeros(N, dtype=np.bool_)
    old = OldLabels(TONE, item, ["good"] * N, np.full(N, 0.8), none, ~none)
    said = {int(at): {str(TONE.name): Said("bad" if flips[at] else "good")} for at in (*learn, *test)}
    features = np.zeros((N, 2))
    return _foreseen(old, features, said, (learn, test), drawn_from=drawn_from, target=0.05, seed=1)


def test_labels_that_the_probe_could_not_draw_are_looked_at_again() -> None:
    """A second question has old labels where the first, whose items were probed, has none left."""
    order = np.random.default_rng(1).permutation(800)
    flips = np.arange(N) >= 800  # all that could not be probed flip, and nothing else does
    found = foreseen(flips, np.sort(order[:100]), np.sort(order[100:200]), np.arange(800))
    assert found["is_bounded"]
    assert found["again"] == list(range(800, N))
    assert found["n_left"] == 800


def test_the_rate_of_all_labels_counts_what_was_learnt_from_for_what_it_is() -> None:
    """Half of the labels are learnt from, and three quarters of the flips are among them: chance had no hand in it."""
    flips = np.zeros(N, dtype=np.bool_)
    flips[:300], flips[500:600] = True, True
    test = np.sort(np.random.default_rng(2).permutation(np.arange(500, N))[:250])
    found = foreseen(flips, np.arange(500), test, np.arange(N))
    assert found["rate"] == pytest.approx(0.4, abs=0.02)
    assert found["rate_low"] <= 0.4 <= found["rate_high"]
