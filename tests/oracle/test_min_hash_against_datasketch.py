"""A second opinion: datasketch 2.0 (recorded)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelwright.methods.duplicates import Shingles, min_hash, similar_pairs

FIXTURE = Path(__file__).parent / "fixtures" / "datasketch.json"
RECORDED: dict[str, Any] = json.loads(FIXTURE.read_text(encoding="utf-8"))


@pytest.fixture
def cut() -> Shingles:
    sizes = [len(one) for one in RECORDED["sets"]]
    runs = np.array([member for one in RECORDED["sets"] for member in one], dtype=np.uint64)
    return Shingles(runs, np.concatenate([[0], np.cumsum(sizes)]))


@pytest.fixture
def sketch(cut: Shingles) -> np.ndarray[Any, np.dtype[np.uint32]]:
    return min_hash(cut, np.array([RECORDED["factor"], RECORDED["offset"]], dtype=np.uint32))


def test_sketches_are_the_same_number_by_number(sketch: np.ndarray[Any, np.dtype[np.uint32]]) -> None:
    np.testing.assert_array_equal(sketch, np.array(RECORDED["sketches"], dtype=np.uint32))


def test_estimated_shares_are_the_same(sketch: np.ndarray[Any, np.dtype[np.uint32]]) -> None:
    assert len(RECORDED["jaccard"]) > 10
    for one, other, share in RECORDED["jaccard"]:
        assert float((sketch[one] == sketch[other]).mean()) == pytest.approx(share, abs=1e-6)


def test_its_candidates_that_really_share_enough_are_found(
    cut: Shingles, sketch: np.ndarray[Any, np.dtype[np.uint32]]
) -> None:
    pairs, shares = similar_pairs(cut, sketch)
    sets = [set(one) for one in RECORDED["sets"]]
    true = {
        (one, other)
        for one, other, _ in RECORDED["jaccard"]
        if len(sets[one] & sets[other]) >= 0.8 * len(sets[one] | sets[other])
    }
    assert set(map(tuple, pairs.tolist())) == true
    assert (shares >= 0.8).all()
