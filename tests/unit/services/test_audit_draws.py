"""Which draws speak of what is accepted now, and what a new draw takes."""

from __future__ import annotations

from typing import cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.ids import ProjectId, QuestionName
from labelwright.domain.project import Guideline, LabelSchema, Policy, Project, ProjectConfig, Question
from labelwright.events import AuditReserved, RunStarted
from labelwright.ports.project_reads import RunRow
from labelwright.ports.storage import Views
from labelwright.services.audits.audit_draws import (
    Draw,
    Wanted,
    audit_stream,
    drawing,
    draws_of,
    due_draw,
    further_draw,
)

TONE = Question(QuestionName("tone"), "classification", {"labels": ["good", "bad"]})
CONFIG = ProjectConfig(LabelSchema(1, (TONE,)), Guideline(1, ""), Policy(), ("text",))
PROJECT = Project(ProjectId("p"), "p", CONFIG)


class Runs:
    """Of all views, the one that draws are read from."""

    def __init__(self, started: list[RunStarted]) -> None:
        self._started = started

    def runs(self, _project: ProjectId) -> list[RunRow]:
        return [RunRow(one.run, one.kind, one.parameters, "2026-01-01", True, {}) for one in self._started]


def drawn(wanted: Wanted | None, number: int, reserved: set[tuple[int, str]] | None = None) -> Draw:
    """Draw, and read the draw back from what the ledger keeps of it."""
    assert wanted is not None
    events, pairs = drawing(
        PROJECT, f"run{number}", plan="plan", round=1, number=number, wanted=[wanted], reserved=reserved or set()
    )
    started = events[0]
    assert isinstance(started, RunStarted)
    (draw,) = draws_of(cast("Views", Runs([started])), ProjectId("p"), "plan")
    assert {(item, "tone") for item in draw.items} == pairs
    return draw


def test_new_items_get_a_batch_and_a_share_of_their_own() -> None:
    old, new = np.arange(1, 1_001), np.arange(1_001, 1_101)
    first = drawn(due_draw("tone", audit_stream([], old), 0.1), 0)
    assert (len(first.items), first.probability) == (100, 0.1)
    both = audit_stream([first], np.concatenate([old, new]))
    assert np.count_nonzero(both.batch < 0) == 100
    due = due_draw("tone", both, 0.1)
    assert due is not None
    assert (due.eligible.tolist(), due.n) == (new.tolist(), 30)  # a tenth, and thirty at least
    second = drawn(due, 1)
    stream = audit_stream([first, second], np.concatenate([old, new]))
    assert due_draw("tone", stream, 0.1) is None
    assert sorted(set(np.round(stream.probability, 9).tolist())) == [0.1, 0.3]
    assert len(stream.drawn) == 130


def test_a_draw_speaks_of_the_very_set_it_was_drawn_from() -> None:
    whole = np.arange(1, 501)
    first = drawn(due_draw("tone", audit_stream([], whole), 0.2), 0)
    left = whole[whole % 7 != 0]
    after = audit_stream([first], left)
    assert len(after.drawn) == 0
    assert after.drawn_ever.sum() == sum(item % 7 != 0 for item in first.items)
    second = drawn(due_draw("tone", after, 0.2), 1)
    assert set(second.items) <= set(left.tolist())
    assert [d.number for d in audit_stream([first, second], left).draws] == [1]
    back = audit_stream([first, second], whole)
    assert [d.number for d in back.draws] == [0]
    assert whole[back.drawn].tolist() == list(first.items)


def test_a_recall_from_one_batch_leaves_the_other_ones_sample_standing() -> None:
    accepted = np.arange(1, 301)
    first = drawn(due_draw("tone", audit_stream([], accepted[:200]), 0.2), 0)
    second = drawn(due_draw("tone", audit_stream([first], accepted), 0.2), 1)
    left = accepted[accepted != 250]
    stream = audit_stream([first, second], left)
    assert [d.number for d in stream.draws] == [0]
    due = due_draw("tone", stream, 0.2)
    assert due is not None
    assert due.eligible.tolist() == [item for item in range(201, 301) if item != 250]
    third = drawn(due, 2)
    again = audit_stream([first, second, third], left)
    assert [d.number for d in again.draws] == [0, 2]
    assert (again.batch >= 0).all()


@given(st.integers(40, 400), st.integers(1, 60), st.integers(1, 60))
def test_a_larger_sample_takes_what_it_does_not_hold_and_keeps_the_order(size: int, n: int, more: int) -> None:
    accepted = np.arange(10, 10 + 3 * size, 3)
    first = drawn(due_draw("tone", audit_stream([], accepted), min(n / size, 1.0)), 0)
    stream = audit_stream([first], accepted)
    wanted = further_draw("tone", stream, more)
    if wanted is None:
        assert len(first.items) == size
        return
    second = drawn(wanted, 1, reserved={(item, "tone") for item in first.items})
    assert not set(first.items) & set(second.items)
    assert second.n_eligible == size - len(first.items)
    both = audit_stream([first, second], accepted)
    assert accepted[both.drawn].tolist() == [*first.items, *second.items]
    assert len(both.drawn) == min(size, len(first.items) + more)


def test_a_further_draw_is_uniform_over_all_that_is_not_in_the_sample() -> None:
    """Over many seeds, each of the items left is taken equally often (three standard errors of a share)."""
    accepted, taken = np.arange(1, 61), np.zeros(61)
    first = drawn(due_draw("tone", audit_stream([], accepted), 0.5), 0)
    stream, repetitions = audit_stream([first], accepted), 600
    for number in range(1, repetitions + 1):
        second = drawn(further_draw("tone", stream, 10), number)
        taken[list(second.items)] += 1
    left = [item for item in range(1, 61) if item not in first.items]
    assert taken[list(first.items)].sum() == 0
    spread = (1 / 3 * 2 / 3 / repetitions) ** 0.5
    assert np.abs(taken[left] / repetitions - 1 / 3).max() < 4 * spread


def test_nobody_is_asked_twice_about_an_item_that_is_drawn_again() -> None:
    accepted = np.arange(1, 101)
    wanted = due_draw("tone", audit_stream([], accepted), 0.5)
    assert wanted is not None
    events, pairs = drawing(
        PROJECT,
        "run",
        plan="plan",
        round=3,
        number=2,
        wanted=[wanted],
        reserved={(item, "tone") for item in range(1, 51)},
    )
    (reserved,) = [event for event in events if isinstance(event, AuditReserved)]
    assert {(int(entry.item), "tone") for entry in reserved.entries} == {pair for pair in pairs if pair[0] > 50}
    assert all((entry.slot, entry.blind, entry.round) == (2, True, 3) for entry in reserved.entries)
    assert all(1 < entry.priority < 1.34 for entry in reserved.entries)  # after earlier draws, before all review
