"""How labels were renamed, merged and split: what a value says today that was given before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from labelwright.domain.canonical import Json
from labelwright.events.labels import LabelChangeKind
from labelwright.tasks.protocol import MAIN_LABELS
from labelwright.tasks.registry import relabels

ENDLESS: Final = 2**62
"""A position that no ledger reaches."""


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A rename, a merge or a split.  position: in the ledger.  undone: where it was taken back; None = it stands.

    among: the list of the question whose labels they are.
    """

    id: str
    kind: LabelChangeKind
    question: str
    task: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    before: tuple[Json, ...]
    version: int
    position: int
    at: str
    actor: str
    undone: int | None = None
    among: str = MAIN_LABELS

    @property
    def names(self) -> Mapping[str, str]:
        """Give old name -> new name; none for a split, whose labels people must say anew."""
        return {} if self.kind == "split" else dict.fromkeys(self.old, self.new[0])

    @property
    def names_back(self) -> Mapping[str, str]:
        """Give new name -> old name, for what was said between a rename and its undoing; a merge has no way back."""
        return {self.new[0]: self.old[0]} if self.kind == "rename" else {}


def folded(events: Iterable[tuple[int, Mapping[str, Any], Mapping[str, Any]]]) -> tuple[LabelChange, ...]:
    """Fold LabelsMigrated events, given as (position, body, provenance) in order."""
    found: dict[str, LabelChange] = {}
    for position, body, by in events:
        if body["undone"]:
            found[body["change"]] = replace(found[body["change"]], undone=position)
        else:
            found[body["change"]] = LabelChange(
                id=body["change"],
                kind=body["kind"],
                question=body["question"],
                task=body["task"],
                old=tuple(body["old"]),
                new=tuple(body["new"]),
                before=tuple(body["before"]),
                version=body["version"],
                position=position,
                at=by["at"],
                actor=by["actor"],
                among=body.get("among", MAIN_LABELS),
            )
    return tuple(found.values())


def read_today(changes: Sequence[LabelChange], question: str, value: Json, position: int) -> Json:
    """Give what a value of a question, which came at a position of the ledger, says today.

    The newest change that stands is the only one that can be undone, so what was said under a change that is undone
    goes back first, and then through the changes that stand.
    """
    for change, names in _steps(changes, question, position):
        value = _through(change, names, value)
    return value


def _steps(changes: Sequence[LabelChange], question: str, position: int) -> list[tuple[LabelChange, Mapping[str, str]]]:
    mine = [one for one in changes if one.question == question]
    back = [one for one in mine if one.undone is not None and one.position < position < one.undone]
    since = [one for one in mine if one.undone is None and position < one.position]
    return [
        *((one, one.names_back) for one in sorted(back, key=lambda change: change.undone or 0)),
        *((one, one.names) for one in since),
    ]


def values_given(changes: Sequence[LabelChange], question: str, value: Json) -> tuple[tuple[Json, int, int], ...]:
    """Give as what a value of today was given: (value, from, until) for each stretch of the ledger.

    value: a stored value, or a label that may be one of several.  The first stretch begins at 0, and the last has no
    end.
    """
    mine = [one for one in changes if one.question == question]
    edges = sorted({0, *(one.position for one in mine), *(one.undone for one in mine if one.undone is not None)})
    found: list[tuple[Json, int, int]] = []
    for candidate in _formerly(mine, value):
        for begin, end in zip(edges, [*edges[1:], ENDLESS], strict=True):
            called = candidate
            for change, names in _steps(mine, question, begin + 1):
                called = _called(change, names, called)
            if called == value:
                found.append((candidate, begin, end))
    return tuple(found)


def _formerly(changes: Sequence[LabelChange], value: Json) -> list[Json]:
    """Give all that a value of today can have been called: every change is gone through backwards, and forwards."""
    ways = [
        (one, {to: name}) for one in changes for old in one.old for name, to in ((old, one.new[0]), (one.new[0], old))
    ]
    found: list[Json] = [value]
    for known in found:
        for change, names in ways:
            if change.kind != "split" and (other := _called(change, names, known)) not in found:
                found.append(other)
    return found


def _called(change: LabelChange, names: Mapping[str, str], value: Json) -> Json:
    """Rename a value, or a label by itself where values are lists of such."""
    if isinstance(value, str):
        return names.get(value, value)
    return _through(change, names, value)


def _through(change: LabelChange, names: Mapping[str, str], value: Json) -> Json:
    kind = relabels(change.task)
    return value if kind is None or value is None or not names else kind.relabel(value, names, change.among)
