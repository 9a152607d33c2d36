"""Final accuracy against human labels spent: the order of the product beside a random one.

People's labels count as right, the others stand as they are. The order is the product's: a blind random sample to learn
from (and, with a certificate, another to certify), then the least sure first, as `services.ask_people` queues them.
"""

from dataclasses import dataclass

import numpy as np
from certified_sets import SignalledSet

from labelwright.domain.decision import Decision
from labelwright.domain.ids import ItemKey, QuestionName
from labelwright.methods.protocols import Learned
from labelwright.services.audits.ask_people import sureness

SHARES = np.linspace(0, 1, 51)


@dataclass(frozen=True, slots=True)
class Curve:
    """accuracy: (51,) after each fiftieth of the items was labelled by people."""

    accuracy: np.ndarray

    def at(self, share: float) -> float:
        """Accuracy once this share of the items is labelled by people."""
        return float(np.interp(share, SHARES, self.accuracy))

    def labels_for(self, accuracy: float) -> float:
        """Share of the items people must label until the accuracy is reached."""
        return float(SHARES[np.argmax(self.accuracy >= accuracy - 1e-12)])


def least_sure_first(score: np.ndarray) -> np.ndarray:
    """Order items as the review queue does; of equals the earlier first."""
    name = QuestionName("label")
    sure = [
        sureness(Decision(ItemKey(item), name, "review", "", None, None if np.isnan(p) else float(p)))
        for item, p in enumerate(score)
    ]
    return np.argsort(np.array(sure), kind="stable")


def curve_of(one: SignalledSet, learned: Learned, sampled: np.ndarray, queue: np.ndarray) -> Curve:
    """Give the curve of one draw.

    sampled: what people label first, at random; the first of them were learnt from.  queue: all, least sure first.
    """
    order = np.concatenate([sampled, queue[~np.isin(queue, sampled)]])
    return accuracy_along(order, one.wrong, learned.label != one.gold, n_before=len(learned.fitted_on))


def raw_curve(one: SignalledSet) -> Curve:
    """Give the curve of the raw score: least sure first from the first label on, nothing learnt."""
    unit = np.clip(one.raw, 0, 1)
    return accuracy_along(least_sure_first(unit), one.wrong, one.wrong, n_before=0)


def random_accuracy(one: SignalledSet) -> np.ndarray:
    """(51,) what a random order is expected to give."""
    return SHARES + (1 - SHARES) * (1 - one.wrong.mean())


def accuracy_along(order: np.ndarray, before: np.ndarray, after: np.ndarray, *, n_before: int) -> Curve:
    """Count what is still wrong: by the labels `before` until `n_before` items were learnt from, then by `after`."""
    n = len(order)

    def left(wrong: np.ndarray) -> np.ndarray:
        return wrong.sum() - np.concatenate([[0], np.cumsum(wrong[order])])

    spent = np.round(SHARES * n).astype(np.int64)
    wrong = np.where(np.arange(n + 1) < n_before, left(before), left(after))
    return Curve(1 - wrong[spent] / n)
