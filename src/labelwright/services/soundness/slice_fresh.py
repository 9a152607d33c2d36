"""Fresh answers about a slice that was found: drawn at random inside it, or come with a later sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Question
from labelwright.errors import InvalidValue
from labelwright.methods.slices import MIN_SUPPORT, Account, Basis, basis_of, confirmation
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
_FEWEST_BESIDE = 50


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the items drawn inside a slice showed.

    n_waiting: drawn, and still in the queue or in somebody's hands.  n_gone: drawn, not answered, and asked no more,
    since a new calibration sample has cleared the queue.  left_out: share of the slice that could not be drawn, since
    people had reviewed it.
    """

    n: int
    n_wrong: int
    n_waiting: int
    n_gone: int
    left_out: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Fresh:
    """drawn: by slice and confusion, what the items drawn inside it showed.

    is_new: (n,) of the audited, which were not among those that the earlier findings rest on.
    earlier: findings of the run before, by slice and confusion.
    """

    drawn: Mapping[Key, Drawn]
    is_new: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    inclusion: NDArray[np.float64]
    earlier: Mapping[Key, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Look:
    """Fresh answers about one finding, not settled yet.

    basis: what they are held against.  left_out: share of the slice of which they cannot speak.
    is_due: it is to be tested now.  n_tested: with how many answers it was tested before, and left open.
    """

    n: int
    n_wrong: int
    n_waiting: int
    n_gone: int
    basis: Basis
    left_out: float
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
    earlier = {_key(row): {**row, "basis": basis_as_json(kept_basis(row, found))} for row in found.get("findings", [])}
    drawn = _drawn(views, project, question)
    is_new = ~np.isin(evidence.item, seen) if before is not None else np.zeros(len(evidence.item), dtype=np.bool_)
    return Fresh(drawn, is_new, evidence.wrong, evidence.inclusion, earlier)


def with_kept(rows: Sequence[dict[str, Json]], fresh: Fresh, divider: Divider, known: Known) -> list[dict[str, Json]]:
    """Add what was found earlier and has fresh answers, or is drawn for; settled verdicts stay.

    Whether it would be found again must have no say: that depends on these very answers, and a finding that is tested
    only where they look bad would be confirmed too often. For the same reason it stays held against what it was found
    by.
    """
    gathers = {key for key, row in fresh.earlier.items() if _gathers(row, fresh, divider, known)}
    kept = gathers | (fresh.earlier.keys() & fresh.drawn.keys())
    keys = {_key(row) for row in rows}
    together = [dict(row) for row in rows]
    together += [dict(row) for key, row in fresh.earlier.items() if key in kept and key not in keys]
    for row in together:
        first = fresh.earlier.get(_key(row))
        if first is not None:
            row["confirmed"], row["fresh"] = first["confirmed"], first["fresh"]
            row["basis"] = first["basis"] if _key(row) in gathers else row["basis"]
    return together


def _gathers(row: Mapping[str, Any], fresh: Fresh, divider: Divider, known: Known) -> bool:
    """Whether later samples brought items into the slice, and no verdict is given yet."""
    if row["confirmed"] is not None or row["is_of_cell"] or _key(row) in fresh.drawn:
        return False
    try:
        inside = divider.mark(known, [(str(name), str(value)) for name, value in row["conditions"]])
    except InvalidValue:  # items are divided otherwise now, so that nobody can say which are in it
        return False
    before = cast("Mapping[str, Any]", row["fresh"] or {})
    return bool(before.get("n")) or bool((fresh.is_new & inside).any())


def look_at(row: Mapping[str, Json], fresh: Fresh, divider: Divider, known: Known, *, now: bool) -> Look | None:
    """Gather the fresh answers about a finding; None where there are none, or it is settled already.

    now: test with what is there, though answers are still waited for.
    Answers drawn inside the slice for this purpose go before those that a later sample happened to bring. The test
    waits until all that was drawn is answered: looked at early, and again, each look would cost. Items of later samples
    are gathered until 20 are there, and 50 outside, with which they are compared: an audit draws among what is
    accepted alone, inside and outside alike. For that reason they can bear a finding out, and never refute it.
    """
    first = fresh.earlier.get(_key(row))
    if first is None or row["confirmed"] is not None:
        return None
    before = cast("Mapping[str, Any]", first["fresh"] or {})
    n_tested = int(before.get("n_tested", before.get("n", 0)))
    basis = Basis(**cast("Mapping[str, Any]", first["basis"]))
    drawn = fresh.drawn.get(_key(row))
    if drawn is not None:
        is_due = drawn.n > n_tested and (now or not drawn.n_waiting)
        counts = (drawn.n, drawn.n_wrong, drawn.n_waiting, drawn.n_gone)
        return Look(*counts, basis, drawn.left_out, n_tested, is_due) if drawn.n else None
    more, more_wrong, beside = _by_later_samples(row, fresh, divider, known)
    n, n_wrong = more + int(before.get("n", 0)), more_wrong + int(before.get("n_wrong", 0))
    is_due = n - n_tested >= (1 if now else MIN_SUPPORT) and beside is not None
    return Look(n, n_wrong, 0, 0, beside or basis, 1.0, n_tested, is_due) if n else None


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
        found = confirmation(look.n, look.n_wrong, look.basis, n_missing=n_missing, left_out=look.left_out, delta=level)
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


def basis_as_json(basis: Basis) -> Json:
    """Write what a finding is held against."""
    return cast("Json", asdict(basis))


def kept_basis(row: Mapping[str, Any], section: Mapping[str, Any]) -> Basis:
    """Read what a kept finding is held against. section: of its question.

    Older runs kept plain counts alone; of a single confusion not all of them, so that few answers are assumed.
    """
    if "basis" in row:
        return Basis(**row["basis"])
    n, n_wrong = float(row["n"]), float(row["n_wrong"])
    rest_n = float(MIN_SUPPORT) if row["is_of_cell"] else float(section["n_audited"]) - n
    rest_wrong = rest_n * float(row["rest_error"])
    n_looked = int(section["n_slices"]) + int(section["n_cells"])
    return Basis(n + rest_n, n_wrong + rest_wrong, rest_n, rest_wrong, n_looked)


def _by_later_samples(
    row: Mapping[str, Json], fresh: Fresh, divider: Divider, known: Known
) -> tuple[int, int, Basis | None]:
    """Count the new items in the slice, and what they are compared with; None where there are too few of those."""
    if not fresh.is_new.any() or row["is_of_cell"]:
        return 0, 0, None
    conditions = [(str(name), str(value)) for name, value in cast("list[tuple[str, str]]", row["conditions"])]
    inside = divider.mark(known, conditions)
    outside = fresh.is_new & ~inside
    here = fresh.is_new & inside
    apart = np.zeros(int(outside.sum()), dtype=np.bool_)
    beside = basis_of(apart, fresh.wrong[outside], inclusion=fresh.inclusion[outside])
    return int(here.sum()), int((here & fresh.wrong).sum()), beside if len(apart) >= _FEWEST_BESIDE else None


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
            max(one.left_out, float(drawn.get("left_out", 0.0))),
        )
    return found


def _labels_at(views: Views, project: ProjectId, question: Question, drawn: Mapping[str, Any]) -> list[Json]:
    """Give the newest labels of the model that was asked when the items were drawn."""
    columns = views.predictions(project, question.name, drawn["model"])
    value = {int(item): columns.value[row] for row, item in enumerate(columns.item.tolist())}
    return [value.get(int(key)) for key in drawn["items"]]


def _key(row: Mapping[str, Any]) -> Key:
    return str(row["slice"]), None if not row["is_of_cell"] else str(row["cell"])
