"""What a model's label loses against the people's, as a certificate's rule counts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import CertifyRule
from labelwright.services.acceptance.groups import named
from labelwright.services.people.consensus import Consensus, wrong_against
from labelwright.tasks.protocol import Task


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """The sample's items with the model's labels; all of length n."""

    item: NDArray[np.int64]
    value: Sequence[Json]
    is_valid: NDArray[np.bool_]


def losses_against(
    task: Task[object], rule: CertifyRule, said: Said, people: Mapping[int, Consensus]
) -> NDArray[np.float64]:
    """(n,) losses in [0, 1]: 0 or 1 where the rule is exact, a distance, or a share of the largest cost.

    Cautious wherever there is doubt: no valid label, no answer from people, or a tie among them loses everything.
    """
    if rule.loss == "exact":
        return wrong_against(task, said.value, said.is_valid, said.item, people).astype(np.float64)
    loss = np.ones(len(said.item))
    for i, item in enumerate(said.item):
        answer = people.get(int(item))
        if not said.is_valid[i] or answer is None or answer.is_tied:
            continue
        if rule.loss == "costs":
            loss[i] = cost_of(rule.costs, named(said.value[i]), named(answer.value))
        else:
            far = task.distance(task.parse(said.value[i]), task.parse(answer.value))
            loss[i] = 0.0 if far <= rule.tolerance else min(far, 1.0)
    return loss


def cost_of(costs: Mapping[str, Mapping[str, float]], said: str, truth: str) -> float:
    """Give what a label costs, as a share of the dearest mistake.

    The right label costs nothing unless the table says so, and a mistake it does not name costs the most.

    >>> cost_of({"spam": {"ham": 5}, "ham": {"spam": 1}}, "ham", "spam")
    0.2
    """
    most = max(price for row in costs.values() for price in row.values())
    unless_said = 0.0 if said == truth else most
    return costs.get(said, {}).get(truth, unless_said) / most
