"""Audits that are looked at all the time, and what is recalled when one turns bad."""

from dataclasses import dataclass

import numpy as np

from labelwright.methods.auditing import (
    beta_mixture_interval,
    betting_sequence,
    error_rate_test,
    pool_mixture_interval,
    slices_to_recall,
)
from labelwright.methods.estimation import Interval, clopper_pearson_interval

RECALL_CASES = ((0.04, 600), (0.3, 300), (0.3, 600), (0.3, 1_200), (0.6, 600))


@dataclass(frozen=True, slots=True)
class Peeking:
    """Share of audits of which some look was wrong, and the mean width at the last look (nan for tests)."""

    method: str
    error: float
    ever_wrong: float
    last_width: float


def peeking(*, error: float, repetitions: int, seed: int, n_audit: int = 2_000, n_pool: int = 4_000) -> list[Peeking]:
    """Look every ten items.  Betting intervals are tried on a grid that holds the truth, which is as strict."""
    rng = np.random.default_rng(seed)
    looks = np.arange(10, n_audit + 1, 10)
    pool = np.arange(n_pool) < round(error * n_pool)
    just_above, just_below = error, error - 1 / n_pool  # both claims are false, by as little as can be
    wrong: dict[str, list[bool]] = {}
    width: dict[str, list[float]] = {}

    def note(method: str, *, is_wrong: bool, last: float = float("nan")) -> None:
        wrong.setdefault(method, []).append(is_wrong)
        width.setdefault(method, []).append(last)

    def note_interval(method: str, found: Interval, *, strict: bool = False) -> None:
        out = (found.low >= error) | (found.high <= error) if strict else (found.low > error) | (found.high < error)
        note(method, is_wrong=bool(np.any(out)), last=float("nan") if strict else float(found.high[-1] - found.low[-1]))

    for _ in range(repetitions):
        independent, drawn = rng.random(n_audit) < error, rng.permutation(pool)[:n_audit]
        count, drawn_count = np.cumsum(independent)[looks - 1], np.cumsum(drawn)[looks - 1]
        note_interval("Clopper-Pearson at every look", clopper_pearson_interval(count, looks))
        note_interval("beta mixture", beta_mixture_interval(count, looks))
        note_interval("beta mixture, finite pool", pool_mixture_interval(drawn_count, looks, n_pool=n_pool))
        note_interval("betting", betting_sequence(independent, looks=[n_audit], n_grid=20), strict=True)
        finite = betting_sequence(drawn, looks=[n_audit], n_grid=20, n_pool=n_pool)
        note_interval("betting, finite pool", finite, strict=True)
        within = error_rate_test(independent, target_error=just_above, claim="within")
        note("test of 'within the target'", is_wrong=within.is_settled)
        finite_within = error_rate_test(drawn, target_error=just_below, claim="within", n_pool=n_pool)
        note("test of 'within', finite pool", is_wrong=finite_within.is_settled)
        above = error_rate_test(drawn, target_error=just_above, claim="above", n_pool=n_pool)
        note("alarm 'above', finite pool", is_wrong=above.is_settled)
    return [Peeking(name, error, float(np.mean(found)), float(np.mean(width[name]))) for name, found in wrong.items()]


@dataclass(frozen=True, slots=True)
class Recalled:
    """One of ten slices is wrong in `bad_error`, the others in 4%; the target is 8%."""

    bad_error: float
    n_audit: int
    found: float
    wrongly_recalled: float
    error_before: float
    error_after: float


def recalls(bad_error: float, n_audit: int, *, repetitions: int, seed: int, n: int = 10_000) -> Recalled:
    """Audit, recall what speaks against the target, and look at what stays accepted."""
    rng = np.random.default_rng(seed)
    outcomes: list[tuple[float, float, float, float]] = []
    for _ in range(repetitions):
        part = rng.integers(0, 10, n)
        wrong = rng.random(n) < np.where(part == 0, bad_error, 0.04)
        audited = rng.permutation(n)[:n_audit]
        recall = slices_to_recall({"part": part}, audited, wrong[audited], target_error=0.08)
        named = {one.value for one in recall.slices}
        left = ~recall.items
        left[audited] = False
        after = float(wrong[left].mean()) if left.any() else 0.0
        is_found = recall.is_everything or 0 in named
        outcomes.append((is_found, recall.is_everything or bool(named - {0}), float(wrong.mean()), after))
    return Recalled(bad_error, n_audit, *(float(x) for x in np.mean(outcomes, axis=0)))


def peeking_line(row: Peeking) -> str:
    """Write a row of the table."""
    return f"{row.method:<34}{row.ever_wrong:>12.3f}{row.last_width:>12.4f}"


def recall_line(row: Recalled) -> str:
    """Write a row of the table."""
    figures = f"{row.found:>8.2f}{row.wrongly_recalled:>8.2f}{row.error_before:>8.3f}{row.error_after:>8.3f}"
    return f"{row.bad_error:<24.2f}{row.n_audit:>8}{figures}"
