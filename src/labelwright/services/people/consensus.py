"""What the people who labelled an item say together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.methods.aggregation import Votes, dawid_skene, majority, vote_shares, votes
from labelwright.tasks.protocol import Ballots, Task


@dataclass(frozen=True, slots=True)
class Consensus:
    """One item's label by its voters.

    share: the smallest share of votes behind any unit of the label.  is_tied: some unit had no single winner.
    """

    value: Json
    share: float
    is_tied: bool
    voters: tuple[str, ...]
    method: str
    said: tuple[Json, ...] = ()
    """What each of `voters` said."""
    is_bulk: bool = False
    """It was only taken over with many others."""


def consensus(task: Task[object], annotations: Iterable[Annotation]) -> dict[int, Consensus]:
    """Take the majority of each item's votes, unit by unit; a tie is broken by how reliable the voters are elsewhere.

    Reliability comes from hierarchical Dawid–Skene over all these votes, and only where there is a tie: one person's
    single vote is never overruled by a prior.  Where options mean something else on every item (spans, texts) there is
    nothing to learn it from, and the task type settles the tie.  On a scale the median of the votes counts.
    """
    by_item: dict[int, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        by_item[annotation.item].append(annotation)
    items = sorted(by_item)
    ballots = [task.decompose([task.parse(a.value) for a in by_item[item]]) for item in items]
    table = vote_table([by_item[item] for item in items], ballots)
    winners, shares = majority(table), vote_shares(table)
    tied = np.nanmax(winners, axis=1, initial=0.0) < 1.0
    if tied.any() and all(b.option_space == "shared" for b in ballots):
        winners = np.where(tied[:, None], dawid_skene(table).posterior, winners)
    found: dict[int, Consensus] = {}
    first = 0
    for item, ballot in zip(items, ballots, strict=True):
        units = slice(first, first + ballot.n_units)
        first += ballot.n_units
        if ballot.is_ordered:
            winners[units] = _medians(np.where(tied[units, None], winners[units], shares[units]))
        posterior = [winners[unit, : ballot.n_options] for unit in range(units.start, units.stop)]
        people = by_item[item]
        is_tied = bool(tied[units].any())
        chosen = np.take_along_axis(shares[units], winners[units].argmax(axis=1)[:, None], axis=1)
        found[item] = Consensus(
            value=task.dump(task.compose(posterior, ballot)),
            share=float(chosen.min(initial=1.0)),
            is_tied=is_tied,
            voters=tuple(a.id for a in people),
            method=_method(people, is_tied=is_tied),
            said=tuple(a.value for a in people),
            is_bulk=all(a.purpose == "bulk" for a in people),
        )
    return found


def _method(people: Sequence[Annotation], *, is_tied: bool) -> str:
    if len(people) > 1:
        return "majority, tie by Dawid-Skene" if is_tied else "majority"
    return _ALONE.get(people[0].purpose, "single vote")


_ALONE = {"adjudication": "a manager's decision", "bulk": "accepted in bulk"}


def _medians(posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mark the (lower) median option of each row; (units, options). A unit without votes keeps its row."""
    total = np.cumsum(np.nan_to_num(posterior), axis=1)
    middle = np.argmax(total >= total[:, -1:] / 2 - 1e-12, axis=1)
    marked = np.zeros_like(posterior)
    marked[np.arange(len(posterior)), middle] = 1.0
    return np.where(total[:, -1:] > 0, marked, posterior)


def readable(task: Task[object], annotations: Iterable[Annotation]) -> list[Annotation]:
    """Leave out values of an older schema that are none any more: they no longer count, and are asked again."""
    return [annotation for annotation in annotations if _still_fits(task, annotation)]


def of_record(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Leave out answers given with the suggestion in view where others of this guideline or a later one were blind.

    Who saw the suggestion may only be repeating it; a blind answer is the better witness, however many repeat.
    What was taken over in bulk counts where nobody looked at the item by itself. A manager's newest decision, made with
    all of that in view, stands alone.
    """
    answers = list(annotations)
    decided = {one.item: one.id for one in answers if one.purpose == "adjudication"}  # oldest first: the last stays
    looked_at = {one.item for one in answers if one.purpose != "bulk"}
    answers = [
        one
        for one in answers
        if decided.get(one.item, one.id) == one.id and (one.purpose != "bulk" or one.item not in looked_at)
    ]
    blind: dict[int, int] = {}
    for one in answers:
        if one.is_blind:
            blind[one.item] = max(blind.get(one.item, 0), one.guideline_version)
    return [one for one in answers if one.is_blind or blind.get(one.item, 0) < one.guideline_version]


def vote_table(people: Sequence[Sequence[Annotation]], ballots: Sequence[Ballots]) -> Votes:
    """Lay the votes of many items out as columns; an item's units follow one another."""
    code: dict[str, int] = {}
    unit: list[int] = []
    annotator: list[int] = []
    option: list[int] = []
    first = 0
    for voters, ballot in zip(people, ballots, strict=True):
        names = [code.setdefault(a.annotator, len(code)) for a in voters]
        unit += [first + u for u in ballot.unit]
        annotator += [names[a] for a in ballot.annotator]
        option += ballot.option
        first += ballot.n_units
    n_options = max((b.n_options for b in ballots), default=1)
    return votes(unit, annotator, option, n_units=first, n_annotators=len(code), n_options=n_options)


def _still_fits(task: Task[object], annotation: Annotation) -> bool:
    try:
        task.parse(annotation.value)
    except InvalidValue:
        return False
    return True


def wrong_against(
    task: Task[object],
    said: Sequence[Json],
    is_valid: NDArray[np.bool_],
    items: NDArray[np.int64],
    people: Mapping[int, Consensus],
) -> NDArray[np.bool_]:
    """Mark where a model's label differs from the people's; (n,) bool.

    Wrong is what lies further off than the task's `tolerance`: by default, all that is not the same label.
    Cautious wherever there is doubt: no valid label, no answer from people, or a tie among them counts as wrong.
    """
    wrong = np.ones(len(items), dtype=np.bool_)
    for i, item in enumerate(items):
        answer = people.get(int(item))
        if is_valid[i] and answer is not None and not answer.is_tied:
            wrong[i] = task.distance(task.parse(said[i]), task.parse(answer.value)) > task.tolerance
    return wrong
