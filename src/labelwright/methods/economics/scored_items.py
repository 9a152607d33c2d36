"""How the chances of being right are spread over the items: what a confidence is worth, before or after it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue

Floats: TypeAlias = NDArray[np.float64]

N_BINS = 500
_LOWEST, _HIGHEST = 1e-4, 1e7
_STEPS = 80


@dataclass(frozen=True, slots=True, eq=False)
class ScoredItems:
    """Items in bins of equal confidence, the least sure first.

    share: (B,) of all items, sums to 1.  right: (B,) chance that the model's label is right, ascending.
    seen: (B,) of each bin's items, the part that people have labelled already; None = none.
    """

    share: Floats
    right: Floats
    seen: Floats | None = None

    @property
    def left(self) -> Floats:
        """(B,) of the items that nobody has labelled, sums to 1."""
        if self.seen is None:
            return self.share
        unseen = self.share * (1 - self.seen)
        return unseen / unseen.sum() if unseen.sum() > 0 else self.share

    @property
    def seen_right(self) -> float:
        """How often the model is right on the items that people have labelled already; its accuracy where none are."""
        seen = None if self.seen is None else self.share * self.seen
        return self.accuracy if seen is None or not seen.sum() else float(seen @ self.right / seen.sum())

    @property
    def accuracy(self) -> float:
        """Share of the model's labels that are right."""
        return float(self.share @ self.right)

    @property
    def auroc(self) -> float:
        """Chance that a right label is surer than a wrong one: ½ + E|p − p′| / (4·a·(1 − a)); nan where all is right.

        Of two items, the surer is right and the other wrong with chance (E max(p, p′) − a²)/2.
        """
        a = self.accuracy
        if not 0 < a < 1:
            return float("nan")
        middle = np.cumsum(self.share) - self.share / 2
        gini = 2 * float((self.share * self.right) @ (2 * middle - 1))
        return 0.5 + gini / (4 * a * (1 - a))

    def error_above(self) -> tuple[Floats, Floats]:
        """Give, for every bin, the share of items from it upwards and the error among them."""
        covered = np.cumsum(self.share[::-1])[::-1]
        wrong = np.cumsum((self.share * (1 - self.right))[::-1])[::-1]
        return covered, wrong / covered


def beta_items(accuracy: float, auroc: float, *, n_bins: int = N_BINS) -> ScoredItems:
    """Spread chances as a Beta distribution with this mean, as wide as the AUROC asks.

    For p ~ Beta(a, b), k = a + b, the mean difference is E|p − p′| = 4·B(k, k) / (k·B(a, a)·B(b, b)), which gives the
    AUROC in closed form; it falls as k grows.  Bins hold equal shares, and their means are exact.
    accuracy: strictly between 0 and 1.  auroc: 0.5 (confidence says nothing) up to, not including, 1.
    """
    check_share("accuracy of the model", accuracy)
    if not 0.5 <= auroc < 1:
        raise InvalidValue("auroc", f"{auroc:g} is not between 0.5 (says nothing) and 1 (knows every error)")
    share = np.full(n_bins, 1 / n_bins)
    if auroc <= 0.5 + 1e-6:
        return ScoredItems(share, np.full(n_bins, accuracy))
    size = _concentration(accuracy, auroc)
    a, b = accuracy * size, (1 - accuracy) * size
    edges = special.betaincinv(a, b, np.linspace(0, 1, n_bins + 1))
    right = n_bins * accuracy * np.diff(special.betainc(a + 1, b, edges))
    # Rounding must neither undo the order nor leave the mean.
    right = np.clip(np.maximum.accumulate(right), 0.0, 1.0)
    return ScoredItems(share, right)


def measured_items(probability: ArrayLike, *, seen: ArrayLike | None = None, n_bins: int = N_BINS) -> ScoredItems:
    """Take calibrated chances as they are, in at most `n_bins` bins of nearly equal size.

    probability: (N,) of being right; nan (unknown) stands with the least sure, at the mean of the known ones' lowest
    tenth.  seen: (N,) bool, labelled by people already; None = none.
    """
    p = np.asarray(probability, dtype=np.float64)
    known = np.sort(p[~np.isnan(p)])
    if not len(known):
        raise InvalidValue(
            "", "no item has a known chance of being right; calibrate first, or state accuracy and AUROC"
        )
    lowest = float(known[: max(1, len(known) // 10)].mean())
    whole = np.where(np.isnan(p), lowest, p)
    order = np.argsort(whole, kind="stable")
    parts = np.array_split(order, min(n_bins, len(order)))
    share = np.array([len(part) for part in parts], dtype=np.float64) / len(order)
    looked_at = None if seen is None else np.asarray(seen, dtype=np.float64)
    return ScoredItems(
        share,
        np.array([whole[part].mean() for part in parts]),
        None if looked_at is None else np.array([looked_at[part].mean() for part in parts]),
    )


def moved(items: ScoredItems, *, accuracy: float, auroc: float) -> ScoredItems:
    """Give the same order with another accuracy and sharpness: log odds are stretched and shifted.

    The stretch is that of the normal scores which would have these AUROCs; the shift then meets the accuracy exactly.
    """
    own_accuracy, own_auroc = items.accuracy, items.auroc
    if abs(own_accuracy - accuracy) < 1e-12 and (np.isnan(own_auroc) or abs(own_auroc - auroc) < 1e-12):
        return items
    check_share("accuracy of the model", accuracy)
    odds = special.logit(np.clip(items.right, 1e-6, 1 - 1e-6))
    before = special.ndtri(min(max(own_auroc, 0.501), 0.9999)) if not np.isnan(own_auroc) else 1.0
    stretch = float(special.ndtri(min(max(auroc, 0.5001), 0.9999)) / before)
    centred = stretch * (odds - float(items.share @ odds))
    low, high = -40.0, 40.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if items.share @ special.expit(centred + middle) < accuracy else (low, middle)
    return ScoredItems(items.share, special.expit(centred + high), items.seen)


def check_share(name: str, value: float) -> None:
    """Raise InvalidValue unless it is strictly between 0 and 1."""
    if not 0 < value < 1:
        raise InvalidValue(name, f"{value:g} is not strictly between 0 and 1", "; give a share, such as 0.9")


def _concentration(accuracy: float, auroc: float) -> float:
    """Find k of Beta(accuracy·k, (1 − accuracy)·k) by bisection on its logarithm."""
    low, high = np.log(_LOWEST), np.log(_HIGHEST)
    wanted = np.log(auroc - 0.5) + np.log(accuracy * (1 - accuracy))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        k = float(np.exp(middle))
        a, b = accuracy * k, (1 - accuracy) * k
        quarter_gini = float(special.betaln(k, k) - special.betaln(a, a) - special.betaln(b, b)) - float(middle)
        low, high = (middle, high) if quarter_gini > wanted else (low, middle)
    return float(np.exp((low + high) / 2))
