"""The alternative annotator test against the winning rates and advantages its authors publish for their own data."""

import gzip
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labelwright.methods.replacement import accuracy, alt_test, comparisons, negative_rmse

# Set, score, ε, and per model (winning rate, advantage) as the authors' notebook prints them, to two digits.
PUBLISHED: list[tuple[str, Callable[..., float], float, dict[str, tuple[float, float]]]] = [
    (
        "alt_cebab_aspects",
        accuracy,
        0.1,
        {
            "gemini_flash": (0.70, 0.91),
            "gemini_pro": (0.90, 0.94),
            "gpt-4o": (0.90, 0.93),
            "llama-3.1-70b": (0.60, 0.89),
            "gpt-4o-mini": (0.50, 0.90),
            "mistral-7b-v0.3": (0.10, 0.81),
        },
    ),
    (
        "alt_cebab_stars",
        negative_rmse,
        0.1,
        {
            "gemini_flash": (0.60, 0.82),
            "gemini_pro": (0.80, 0.87),
            "gpt-4o": (0.90, 0.90),
            "llama-3.1-70b": (0.60, 0.85),
            "gpt-4o-mini": (0.90, 0.89),
            "mistral-7b-v0.3": (0.50, 0.83),
        },
    ),
    (
        "alt_10k_prompts",
        negative_rmse,
        0.15,
        {
            "gemini_flash": (0.31, 0.67),
            "gemini_pro": (0.08, 0.63),
            "gpt-4o": (0.69, 0.76),
            "llama-3.1-70b": (0.15, 0.67),
            "gpt-4o-mini": (0.92, 0.80),
            "mistral-7b-v0.3": (0.15, 0.67),
        },
    ),
]


@pytest.mark.parametrize(("name", "score", "epsilon", "published"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_the_authors_figures_come_out_on_their_data(
    shared_data: Path, name: str, score: Callable[..., float], epsilon: float, published: dict[str, tuple[float, float]]
) -> None:
    folder = shared_data / "llm" / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not on this machine")
    number = float if score is negative_rmse else str
    votes = [(row["id"], row["annotator"], number(row["label"])) for row in _rows(folder, "humans")]
    said: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in _rows(folder, "llm"):
        said[row["model"]][row["id"]] = number(row["label"])
    for model, (winning_rate, advantage) in published.items():
        found = alt_test(comparisons(votes, said[model], score), epsilon=epsilon)[0]
        assert found.winning_rate == pytest.approx(winning_rate, abs=0.0051), model
        assert found.advantage == pytest.approx(advantage, abs=0.0051), model


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    plain, packed = folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"
    text = plain.read_text() if plain.is_file() else gzip.decompress(packed.read_bytes()).decode()
    return [json.loads(line) for line in text.splitlines()]
