"""How long it takes to find near copies among many short texts, and how many of the planted ones are found.

    python benchmarks/duplicates.py [--texts 100000] [--out FILE]

Texts are drawn from a vocabulary whose words are as unevenly common as in a language; 3% of them are copies of another
with one word changed. CPU seconds of this process, all its threads together; nothing is kept between steps.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labelwright.adapters.embedders import HashedEmbedder
from labelwright.methods.duplicates import near_copies

_N_WORDS = 20_000
_COPIES = 0.03


@dataclass(frozen=True)
class Planted:
    """Texts, and the pairs of them that are copies with one word changed."""

    texts: list[str]
    pairs: list[tuple[int, int]]


def planted(n: int, *, seed: int) -> Planted:
    """Draw texts of 6 to 29 words."""
    rng = np.random.default_rng(seed)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    vocabulary = ["".join(rng.choice(letters, rng.integers(2, 10))) for _ in range(_N_WORDS)]
    common = 1 / np.arange(1, _N_WORDS + 1) ** 0.9
    lengths = rng.integers(6, 30, n)
    drawn = rng.choice(_N_WORDS, lengths.sum(), p=common / common.sum())
    parts = np.split(drawn, np.cumsum(lengths)[:-1])
    texts = [" ".join(vocabulary[word] for word in part) for part in parts]
    n_copies = round(n * _COPIES)
    for at in range(n_copies):
        words = texts[at].split()
        words[int(rng.integers(len(words)))] = "changed"
        texts[n - 1 - at] = " ".join(words)
    return Planted(texts, [(at, n - 1 - at) for at in range(n_copies)])


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--texts", type=int, default=100_000)
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    made = planted(chosen.texts, seed=1)
    results: list[dict[str, float | str]] = []
    for name, embedder in (("wording (MinHash)", None), ("wording and vectors", HashedEmbedder())):
        began, cpu = time.perf_counter(), time.process_time()
        vectors = None if embedder is None else embedder.embed(made.texts)
        found = near_copies(made.texts, vectors, rng=np.random.default_rng(1))
        spent, spent_cpu = time.perf_counter() - began, time.process_time() - cpu
        together = sum(int(found.group[one] == found.group[other]) for one, other in made.pairs)
        alike = [len(_runs(made.texts[a]) & _runs(made.texts[b])) / len(_runs(made.texts[a]) | _runs(made.texts[b]))
                 for a, b in made.pairs]  # fmt: skip
        over = int(sum(share >= 0.8 for share in alike))
        both = sum(
            share >= 0.8 and bool(found.group[one] == found.group[other])
            for share, (one, other) in zip(alike, made.pairs, strict=True)
        )
        print(
            f"{name:22} {len(made.texts):>8,} texts  {spent_cpu:6.1f} s CPU  {spent:6.1f} s   planted copies together: "
            f"{together:,} of {len(made.pairs):,}; of those that share 80% or more: {both:,} of {over:,}"
        )
        results.append(
            {"what": name, "texts": len(made.texts), "cpu_seconds": spent_cpu, "seconds": spent,
             "planted": len(made.pairs), "together": together, "over_limit": over, "over_limit_together": both}
        )  # fmt: skip
    if chosen.out is not None:
        chosen.out.write_text(json.dumps(results, indent=2) + "\n")


def _runs(text: str) -> set[str]:
    return {text[at : at + 5] for at in range(len(text) - 4)}


if __name__ == "__main__":
    main()
