"""The alternative annotator test: whether the model agrees with the others as well as each person does.

Each person is left out in turn. On every item they labelled, the model's label and the person's own are both held
against what all the *others* said; the model wins the person when, at a price of ε, it is not the worse of the two.
Source: Calderon, Reichart & Dror (2025), "The Alternative Annotator Test for LLM-as-a-Judge", ACL; and its code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.comparison import benjamini_yekutieli

Score: TypeAlias = Callable[[Any, Sequence[Any]], float]
"""How well one label agrees with the others' labels; more is better."""

LEAST_ITEMS = 30
"""Below that many items of one person the t-test's approximation is poor."""
LEAST_PEOPLE = 3
WINNING_RATE = 0.5


def accuracy(label: object, others: Sequence[object]) -> float:
    """Give the share of the others' labels that are the same.

    >>> accuracy("spam", ["spam", "ham", "spam", "spam"])
    0.75
    """
    return sum(label == other for other in others) / len(others)


def negative_rmse(label: float, others: Sequence[float]) -> float:
    """Give minus the root mean squared difference: for numbers and stars.

    >>> negative_rmse(3, [3, 5])
    -1.4142135623730951
    """
    return -float(np.sqrt(np.mean([(label - other) ** 2 for other in others])))


def mean_closeness(distance: Callable[[Any, Any], float]) -> Score:
    """Make a score of any distance in [0, 1], such as a task type's."""
    return lambda label, others: float(np.mean([1.0 - distance(label, other) for other in others]))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One item one person labelled: how the model's label and that person's own agree with the others' labels.

    group: the slice of the data it belongs to.
    """

    person: str
    model_score: float
    person_score: float
    group: str = ""


@dataclass(frozen=True, slots=True)
class PersonTest:
    """One person against the model, in one slice.

    advantage: share of items on which the model agrees with the others at least as well as the person does.
    p_value: of "the model is worse by more than ε"; adjusted over all people and slices (Benjamini–Yekutieli).
    wins: the model is as good as this person, for the price.
    """

    person: str
    group: str
    n: int
    advantage: float
    p_value: float
    adjusted: float
    wins: bool
    method: str


@dataclass(frozen=True, slots=True)
class AltTest:
    """What the test says of one slice ("" = all of the data).

    winning_rate: share of the people the model wins; nan without any.  advantage: mean over people, nan without any.
    may_replace: None where fewer than three people could be tested.  left_out: people with too few items.
    """

    group: str
    people: tuple[PersonTest, ...]
    left_out: tuple[str, ...]
    winning_rate: float
    advantage: float
    may_replace: bool | None


def comparisons(votes: Iterable[tuple[Hashable, str, Any]], model: Mapping[Any, Any], score: Score) -> list[Comparison]:
    """Hold the model and each person against all others, item by item; items with fewer than two people fall away.

    votes: (item, person, label), one per person and item.  model: item -> its label.
    """
    by_item: dict[Hashable, dict[str, Any]] = defaultdict(dict)
    for item, person, label in votes:
        by_item[item][person] = label
    found: list[Comparison] = []
    for item, labels in by_item.items():
        if item not in model or len(labels) < 2:
            continue
        for person, label in labels.items():
            others = [other for name, other in labels.items() if name != person]
            found.append(Comparison(person, score(model[item], others), score(label, others)))
    return found


def alt_test(
    compared: Iterable[Comparison], *, epsilon: float, q: float = 0.05, least_items: int = LEAST_ITEMS
) -> list[AltTest]:
    """Test every person in every slice, all p-values adjusted together; slices in the order they come.

    epsilon: what the model may be worse by, since a person costs more: .2 experts, .15 skilled, .1 crowd.
    least_items: people with fewer items in a slice are left out; under 30 the signed-rank test takes the t-test's
    place.
    Raises: InvalidValue.

    >>> rows = [Comparison(person, 1.0, float(i % 4 > 0)) for person in "abc" for i in range(40)]
    >>> [(test.winning_rate, test.may_replace) for test in alt_test(rows, epsilon=0.1)]
    [(1.0, True)]
    """
    if not 0 <= epsilon < 1:
        raise InvalidValue("epsilon", f"must be in [0, 1), got {epsilon}")
    if not 0 < q < 1:
        raise InvalidValue("q", f"must be in (0, 1), got {q}")
    if least_items < 5:
        raise InvalidValue("least_items", f"must be 5 or more, got {least_items}: fewer items show nothing")
    cells: dict[tuple[str, str], list[Comparison]] = defaultdict(list)
    for one in compared:
        cells[one.group, one.person].append(one)
    tested = [cell for cell, rows in cells.items() if len(rows) >= least_items]
    outcomes = [_tested(cells[cell], epsilon) for cell in tested]
    adjusted = benjamini_yekutieli([p for _, p, _ in outcomes])
    people = [
        PersonTest(person, group, len(cells[group, person]), advantage, p, float(by), bool(by <= q), method)
        for (group, person), (advantage, p, method), by in zip(tested, outcomes, adjusted, strict=True)
    ]
    return [_verdict(group, people, cells) for group in dict.fromkeys(group for group, _ in cells)]


def _tested(rows: Sequence[Comparison], epsilon: float) -> tuple[float, float, str]:
    model = np.array([row.model_score for row in rows])
    person = np.array([row.person_score for row in rows])
    difference = (person >= model).astype(np.float64) - (model >= person)
    p, method = _p_value(difference, epsilon)
    return float(np.mean(model >= person)), p, method


def _p_value(difference: NDArray[np.float64], epsilon: float) -> tuple[float, str]:
    """Test "the person is better than the model by ε or more"; (n,) of -1, 0, 1."""
    from scipy import stats  # noqa: PLC0415 - half a second, and only this test needs it

    if np.ptp(difference) == 0 and (len(difference) >= LEAST_ITEMS or difference[0] == epsilon):
        return (0.0 if difference[0] < epsilon else 1.0), "all items alike"
    if len(difference) < LEAST_ITEMS:
        found = stats.wilcoxon(difference - epsilon, alternative="less", method="approx")
        return float(found.pvalue), "Wilcoxon signed-rank"
    return float(stats.ttest_1samp(difference, epsilon, alternative="less").pvalue), "t"


def _verdict(group: str, tests: Sequence[PersonTest], cells: Mapping[tuple[str, str], object]) -> AltTest:
    people = tuple(test for test in tests if test.group == group)
    names = {test.person for test in people}
    left_out = tuple(sorted(person for where, person in cells if where == group and person not in names))
    rate = float(np.mean([test.wins for test in people])) if people else float("nan")
    advantage = float(np.mean([test.advantage for test in people])) if people else float("nan")
    may = rate >= WINNING_RATE if len(people) >= LEAST_PEOPLE else None
    return AltTest(group, people, left_out, rate, advantage, may)
