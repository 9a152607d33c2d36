"""The tests of one comparison: do the texts differ, do the labels, and by how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.methods.comparison import holm
from labelwright.methods.drift import (
    CLASSIFIER_LIMIT,
    PSI_LIMIT,
    category_stability,
    classifier_two_sample,
    label_shift,
    mean_discrepancy,
    score_stability,
)
from labelwright.ports.embedder import Embedder

FEWEST = 20
"""Items on a side; fewer say nothing of a drift."""
LEVEL = 0.05
MOST_TEXTS = 4_000
_MOST_LABELS = 20
_OTHERS = "(others)"
_FEWEST_GOLD = 30
_FEWEST_SHUFFLES = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """One test. about: what is compared, such as `length`.  value, limit: on the test's own scale.

    p: that nothing has changed, all tests of this command taken together (Holm).  passes_limit: whether the value
    alone is beyond the limit.  low, high: interval of the value, where the test has one.
    """

    test: str
    about: str
    value: float
    p: float
    limit: float
    passes_limit: bool
    n_before: int
    n_after: int
    low: float | None = None
    high: float | None = None

    @property
    def drifted(self) -> bool:
        """Both: more than chance, and more than is small."""
        return self.p <= LEVEL and self.passes_limit

    def as_json(self) -> dict[str, Json]:
        """Give the finding for report and pictures."""
        return {
            "test": self.test,
            "about": self.about,
            "value": self.value,
            "p": self.p,
            "limit": self.limit,
            "drifted": self.drifted,
            "low": self.low,
            "high": self.high,
            "n_before": self.n_before,
            "n_after": self.n_after,
        }


def enough_shuffles(n_tests: int) -> int:
    """Give so many that the smallest p-value survives Holm's correction over all tests with room to spare."""
    return max(_FEWEST_SHUFFLES, round(4 * n_tests / LEVEL))


def text_findings(
    before: Sequence[str], after: Sequence[str], embedder: Embedder, *, rng: np.random.Generator, n_shuffles: int
) -> list[Finding]:
    """Compare texts by length and wording; nothing where either side has too few, or neither has anything to read."""
    if min(len(before), len(after)) < FEWEST or not (any(before) or any(after)):
        return []
    sizes = [np.array([len(text) for text in side], dtype=np.float64) for side in (before, after)]
    length = score_stability(sizes[0], sizes[1], rng=rng, n_shuffles=n_shuffles)
    vectors = [np.asarray(embedder.embed(side), dtype=np.float64) for side in (before, after)]
    apart = mean_discrepancy(vectors[0], vectors[1], rng=rng, n_shuffles=n_shuffles)
    told = classifier_two_sample(vectors[0], vectors[1], rng=rng, n_shuffles=n_shuffles)
    n = len(before), len(after)
    return [
        Finding("psi", "length", length.value, length.p_value, PSI_LIMIT, length.value > PSI_LIMIT, *n),
        Finding(
            "mmd", "wording", apart.value, apart.p_value, apart.limit, apart.value > apart.limit,
            apart.n_before, apart.n_after,
        ),
        Finding(
            "classifier", "wording", told.area, told.p_value, CLASSIFIER_LIMIT, told.low > CLASSIFIER_LIMIT, *n,
            told.low, told.high,
        ),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shares:
    """How often each label occurs on either side: rows of (label, share before, share after)."""

    finding: Finding
    rows: tuple[tuple[str, float, float], ...]

    def as_json(self) -> dict[str, Json]:
        """Give it for report and pictures."""
        rows: list[Json] = [{"label": label, "before": one, "after": other} for label, one, other in self.rows]
        return {**self.finding.as_json(), "shares": rows}


def label_shares(
    about: str, before: Sequence[str], after: Sequence[str], *, rng: np.random.Generator, n_shuffles: int
) -> Shares | None:
    """Compare how often labels occur; None for too few of them, or where nearly every item has one of its own."""
    if min(len(before), len(after)) < FEWEST:
        return None
    names = _names([*before, *after])
    if names is None:
        return None
    counts = [_counted(side, names) for side in (before, after)]
    found = category_stability(counts[0], counts[1], rng=rng, n_shuffles=n_shuffles)
    finding = Finding(
        "psi", about, found.value, found.p_value, PSI_LIMIT, found.value > PSI_LIMIT, found.n_before, found.n_after
    )
    shares = [side / side.sum() for side in counts]
    rows = zip(names, shares[0].tolist(), shares[1].tolist(), strict=True)
    return Shares(finding, tuple(rows))


def score_shares(
    before: NDArray[np.float64], after: NDArray[np.float64], *, rng: np.random.Generator, n_shuffles: int
) -> Finding | None:
    """Compare how sure the model says it is; None where it hardly says."""
    before, after = before[~np.isnan(before)], after[~np.isnan(after)]
    if min(len(before), len(after)) < FEWEST:
        return None
    found = score_stability(before, after, rng=rng, n_shuffles=n_shuffles)
    return Finding(
        "psi", "confidence", found.value, found.p_value, PSI_LIMIT, found.value > PSI_LIMIT, len(before), len(after)
    )


def corrected_shares(
    truth: Sequence[str], said: Sequence[str], later: Sequence[str], *, rng: np.random.Generator
) -> dict[str, Json] | None:
    """Say how often each label really occurs on the later side, the model's known mistakes taken out.

    truth, said: people's and the model's labels of a random sample of the earlier side.  None: too little to go by.
    """
    if len(truth) < _FEWEST_GOLD or len(later) < FEWEST:
        return None
    names = _names([*truth, *said, *later])
    if names is None:
        return None
    code = {name: at for at, name in enumerate(names)}
    others = code.get(_OTHERS, -1)
    codes = [np.array([code.get(one, others) for one in side], dtype=np.int64) for side in (truth, said, later)]
    found = label_shift(*codes, n_labels=len(names), rng=rng)
    rows: list[Json] = [
        {
            "label": name,
            "before": _number(found.before[at]),
            "after": _number(found.after[at]),
            "low": _number(found.low[at]),
            "high": _number(found.high[at]),
            "has_moved": bool(found.has_moved[at]),
        }
        for at, name in enumerate(names)
    ]
    return {
        "shares": rows,
        "n_gold": len(truth),
        "n_after": len(later),
        "reason": found.reason,
        "assumes": "within a label the later items are as the earlier ones",
    }


def together(findings: Sequence[Finding]) -> list[Finding]:
    """Correct the p-values of all tests of a command, so that the chance of any false alarm stays at the level."""
    if not findings:
        return []
    corrected = holm([one.p for one in findings])
    return [replace(one, p=float(p)) for one, p in zip(findings, corrected, strict=True)]


def _names(labels: Sequence[str]) -> list[str] | None:
    """Give the common labels, and one name for all others; None where the common ones are not half of all."""
    counts = Counter(labels)
    common = [name for name, _ in counts.most_common(_MOST_LABELS)]
    if len(counts) <= _MOST_LABELS:
        return sorted(common)
    if sum(counts[name] for name in common) < len(labels) / 2:
        return None
    return [*sorted(common), _OTHERS]


def _counted(labels: Sequence[str], names: Sequence[str]) -> NDArray[np.int64]:
    counts = Counter(labels)
    known = [counts[name] for name in names if name != _OTHERS]
    rest = [len(labels) - sum(known)] if names[-1] == _OTHERS else []
    return np.array([*known, *rest], dtype=np.int64)


def _number(value: object) -> float | None:
    number = float(cast("float", value))
    return None if np.isnan(number) else number
