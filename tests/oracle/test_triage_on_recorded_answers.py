"""The figures that the triage benchmark must reach on real recorded answers (skipped where they are absent)."""

from pathlib import Path

import pytest

from benchmarks.triage import measure, noise_limit, read_pool
from labelwright.adapters.formats.recorded_folder import read_recorded_folder

N_DRAWS = 300


@pytest.mark.parametrize(
    ("name", "target", "at_least"),
    [("tc_toxicity_es", 0.1, 0.95), ("babe_media_bias", 0.1, 0.85), ("alt_cebab_aspects", 0.2, 0.95)],
)
def test_real_tasks_certify_as_often_as_promised(shared_data: Path, name: str, target: float, at_least: float) -> None:
    rows = measure(read_pool(read_recorded_folder(shared_data / "llm" / name)), n_draws=N_DRAWS, seed=3)
    assert next(row.certified for row in rows if row.target_error == target) >= at_least
    assert all(row.violations <= noise_limit(N_DRAWS) for row in rows)
