"""Fresh answers about a slice that was found: drawn at random inside it, or come with a later sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Question
from labelwright.methods.slices import MIN_SUPPORT, Account, confirmation
from labelwright.ports.storage import Views
from labelwright.services.people.consensus import consensus, readable, wrong_against
from labelwright.services.projects.kept_results import KeptResult
from labelwright.services.soundness.slice_cells import is_so
from labelwright.services.soundness.slice_evidence import AuditedLabels
from labelwright.services.soundness.slice_fields import Divider, Known
from labelwright.tasks.registry import bind

Key: TypeAlias = tuple[str, str | None]
"""A slice, and the one confusion it is about."""
DRAW: Final = "slice-draw"
"""The kind of run that draws items of a slice, to be labelled blind."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the items drawn inside a slice showed.

    n_waiting: drawn, and still in the queue or in somebody's hands.  n_gone: drawn, not answered, and asked no more,
    since a new calibration sample has cleared the queue.
    """

    n: int
    n_wrong: int
    n_waiting: int
    n_gone: int


@dataclass(frozen=True, slots=True, eq=False)
class Fresh:
    """drawn: by slice and confusion, what the items drawn inside it showed.

    is_new: (n,) of the audited, which were not among those that the earlier findings rest on.
    earlier: findings of the run before, by slice and confusion.
    """

    drawn: Mapping[Key, Drawn]
    is_new: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    earlier: Mapping[Key, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Look:
    """Fresh answers about one finding, not settled yet.

    is_due: it is to be tested now.  n_tested: with how many answers it was tested before, and left open.
    """

    n: int
    n_wrong: int
    n_waiting: int
    n_gone: int
    rest_error: float
    n_tested: int
    is_due: bool


def fresh_look(
    views: Views, project: ProjectId, question: Question, evidence: AuditedLabels, before: KeptResult | None
) -> Fresh:
    """Gather what has come since the run before, about what that run found."""
    found: Mapping[str, Any] = {}
    seen = np.zeros(0, dtype=np.int64)
    if before is not None:
        found = cast("Mapping[str, Any]", before.report["questions"]).get(question.name, {})
        audited = cast("Mapping[str, Any]", before.parameters["audited"])
        seen = np.array(audited.get(question.name, []), dtype=np.int64)
    earlier = {_key(row): row for row in found.get("findings", [])}
    drawn = _drawn(views, project, question)
    is_new = ~np.isin(evidence.item, seen) if before is not None else np.zeros(len(evidence.item), dtype=np.bool_)
    return Fresh(drawn, is_new, evidence.wrong, earlier)


def with_kept(rows: Sequence[dict[str, Json]], fresh: Fresh) -> list[dict[str, Json]]:
    """Add what was found earlier and drawn for, whether it would be found again or not; settled verdicts stay."""
    keys = {_key(row) for row in rows}
    together = [dict(row) for row in rows]
    together += [dict(row) for key, row in fresh.earlier.items() if key in fresh.drawn and key not in keys]
    for row in together:
        first = fresh.earlier.get(_key(row))
        if first is not None:
            row["confirmed"], row["fresh"] = first["confirmed"], first["fresh"]
    return together


def look_at(row: Mapping[str, Json], fresh: Fresh, divider: Divider, known: Known, *, now: bool) -> Look | None:
    """Gather the fresh answers about a finding; None where there are none, or it is settled already.

    now: test with what is there, though answers are still waited for.
    Answers drawn inside the slice for this purpose go before those that a later sample happened to bring. The test
    waits until all that was drawn is answered: looked at early, and again, each look would cost. Items of later samples
    are gathered until 20 are there.
    """
    first = fresh.earlier.get(_key(row))
    if first is None or row["confirmed"] is not None:
        return None
    before = cast("Mapping[str, Any]", first["fresh"] or {})
    n_tested = int(before.get("n_tested", before.get("n", 0)))
    rest = float(first["rest_error"])
    drawn = fresh.drawn.get(_key(row))
    if drawn is not None:
        is_due = drawn.n > n_tested and (now or not drawn.n_waiting)
        counts = (drawn.n, drawn.n_wrong, drawn.n_waiting, drawn.n_gone)
        return Look(*counts, rest, n_tested, is_due) if drawn.n else None
    more, more_wrong, rest = _by_later_samples(row, fresh, divider, known, rest)
    n, n_wrong = more + int(before.get("n", 0)), more_wrong + int(before.get("n_wrong", 0))
    is_due = n - n_tested >= (1 if now else MIN_SUPPORT)
    return Look(n, n_wrong, 0, 0, rest, n_tested, is_due) if n else None


def judge(row: dict[str, Json], look: Look, level: float) -> None:
    """Write into a finding what its fresh answers say, tested at this level if that is due."""
    told: dict[str, Json] = {
        "n": look.n,
        "n_wrong": look.n_wrong,
        "error": look.n_wrong / look.n,
        "p": None,
        "level": None,
        "n_waiting": look.n_waiting,
        "n_tested": look.n_tested,
    }
    if look.is_due:
        n_missing = look.n_waiting + look.n_gone
        found = confirmation(look.n, look.n_wrong, look.rest_error, n_missing=n_missing, delta=level)
        row["confirmed"] = found.verdict
        told |= {"p": found.p_worse, "level": level, "n_tested": look.n}
    row["fresh"] = told


def account_of(before: KeptResult | None) -> Account:
    """Read what the confirmations of a project have spent so far; those of older runs did not say."""
    kept = None if before is None else cast("Mapping[str, Any] | None", before.report.get("confirmations"))
    return Account(0 if kept is None else int(kept["n_tests"]))


def account_as_json(account: Account, *, n_now: int, level: float | None) -> dict[str, Json]:
    """Write the account: what was spent in all, and by this run."""
    return {
        "delta": account.delta,
        "n_tests": account.n_tests,
        "spent": account.spent,
        "n_now": n_now,
        "level": level,
        "next_level": account.level(1),
    }


def _by_later_samples(
    row: Mapping[str, Json], fresh: Fresh, divider: Divider, known: Known, rest: float
) -> tuple[int, int, float]:
    if not fresh.is_new.any() or row["is_of_cell"]:
        return 0, 0, rest
    conditions = [(str(name), str(value)) for name, value in cast("list[tuple[str, str]]", row["conditions"])]
    inside = divider.mark(known, conditions)
    outside = fresh.is_new & ~inside
    if np.count_nonzero(outside) >= 50:
        rest = float(fresh.wrong[outside].mean())
    here = fresh.is_new & inside
    return int(here.sum()), int((here & fresh.wrong).sum()), rest


def _drawn(views: Views, project: ProjectId, question: Question) -> dict[Key, Drawn]:
    """Count what blind answers say of the items drawn inside each slice."""
    draws = [run for run in views.runs(project) if run.kind == DRAW and run.parameters["question"] == question.name]
    if not draws:
        return {}
    task = bind(question)
    blind = [a for a in readable(task, views.annotations(project, question=question.name)) if a.is_blind]
    people = consensus(task, blind)
    queued = {item for item, name in views.queued(project, "review") if name == question.name}
    found: dict[Key, Drawn] = {}
    counted: dict[Key, set[int]] = {}
    for run in draws:
        drawn = cast("Mapping[str, Any]", run.parameters)
        values = zip(drawn["items"], _labels_at(views, project, question, drawn), strict=True)
        before = counted.setdefault(_key(drawn), set())
        fresh = [(int(key), value) for key, value in values if int(key) not in before]
        # What a later draw asks about again counts there, or here if it was answered meanwhile.
        before |= {key for key, _ in fresh if key in people or key in queued}
        answered = [
            (key, value) for key, value in fresh if key in people and value is not None and not people[key].is_tied
        ]
        if drawn["is_of_cell"]:
            # Of those said a: how many are b.
            true = [people[key].value for key, _ in answered]
            wrong = is_so(task, true, str(drawn["truth"]), str(drawn.get("said") or ""))
        else:
            items = np.array([key for key, _ in answered], dtype=np.int64)
            is_valid = np.ones(len(items), dtype=np.bool_)
            wrong = wrong_against(task, [value for _, value in answered], is_valid, items, people)
        open_now = [key for key, _ in fresh if key not in people]
        n_waiting = sum(key in queued for key in open_now)
        one = found.get(_key(drawn), Drawn(0, 0, 0, 0))
        found[_key(drawn)] = Drawn(
            one.n + len(answered),
            one.n_wrong + int(wrong.sum()),
            one.n_waiting + n_waiting,
            one.n_gone + len(open_now) - n_waiting,
        )
    return found


def _labels_at(views: Views, project: ProjectId, question: Question, drawn: Mapping[str, Any]) -> list[Json]:
    """Give the newest labels of the model that was asked when the items were drawn."""
    columns = views.predictions(project, question.name, drawn["model"])
    value = {int(item): columns.value[row] for row, item in enumerate(columns.item.tolist())}
    return [value.get(int(key)) for key in drawn["items"]]


def _key(row: Mapping[str, Any]) -> Key:
    return str(row["slice"]), None if not row["is_of_cell"] else str(row["cell"])
