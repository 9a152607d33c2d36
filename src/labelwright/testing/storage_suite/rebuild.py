"""Projections can always be made anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labelwright.domain.annotation import FirstAnswer
from labelwright.domain.canonical import commitment
from labelwright.domain.decision import Decision, Resolution
from labelwright.domain.ids import AnnotationId, AnnotatorId, EntryId, ItemKey
from labelwright.errors import (
    LabelwrightError,
)
from labelwright.events import (
    AnnotationRetracted,
    AuditReserved,
    CalibrationPlanned,
    CertificateIssued,
    ItemSkipped,
    ItemsResolved,
    ItemsRouted,
    LabelRestored,
    LabelsMigrated,
    RemarkWithdrawn,
    RunFinished,
    RunStarted,
    SuggestionRevealed,
)
from labelwright.ports.item_search import ItemFilter
from labelwright.ports.storage import Storage, Transaction
from labelwright.tasks.registry import relabels, task_types
from labelwright.testing.storage_build import (
    MODEL,
    PROJECT,
    PROVENANCE,
    QUESTION,
    append,
    assisted,
    begin,
    call,
    configuration,
    configured,
    entry,
    predicted,
    prediction,
    remarked,
    say,
)

ANN, BOB = AnnotatorId("id-ann"), AnnotatorId("id-bob")


class RebuildSuite:
    """Projections can always be made anew."""

    def test_a_rebuild_of_a_used_workspace_changes_nothing_that_can_be_read(self, storage: Storage) -> None:
        use(storage)
        before = readable(storage)
        head = storage.verify()
        assert storage.rebuild() == head.position
        assert readable(storage) == before
        assert storage.verify() == head


def use(storage: Storage) -> None:
    """Do something of everything."""
    begin(storage, items=12)
    append(storage, configured(configuration(2, text="Look twice.")))
    append(storage, RunStarted(PROJECT, "r1", "prelabel", {}), RunFinished(PROJECT, "r1", {"n": 1}))
    append(storage, predicted(*(prediction(n) for n in range(1, 13))), predicted(prediction(3, "bad")))
    append(
        storage, CalibrationPlanned(PROJECT, "plan", {}, (1, 2), tuple(entry(n, purpose="calibration") for n in (1, 2)))
    )
    decisions = tuple(Decision(ItemKey(n), QUESTION, "review", "unsure", 0.5, 0.6) for n in range(3, 13))
    append(storage, ItemsRouted(PROJECT, "r2", 1, decisions, tuple(entry(n) for n in range(3, 13))))
    append(storage, ItemsRouted(PROJECT, "r3", 1, decisions[:2], ()))
    append(storage, AuditReserved(PROJECT, "r3", 1, 5, 0.2, (entry(5, purpose="audit"),)))
    for number in range(1, 5):
        (lease,) = storage.write(lambda t: t.claim(PROJECT, ANN, now=1000.0, lease_seconds=60.0))
        say(storage, lease.item, "ann", id=f"a{number}", submission=f"s{number}")
        storage.write(lambda t, lease=lease, n=number: t.finish_entry(lease.entry, lease.fence, ANN, f"s{n}"))
    with storage.reading() as views:
        (last,) = views.submission(PROJECT, "s4")
    append(storage, AnnotationRetracted(PROJECT, last.id, last.item, QUESTION, "undo"))
    storage.write(lambda t: t.reopen_entry("s4", annotator=ANN, now=1000.0, lease_seconds=60.0))
    say(storage, last.item, "ann", "bad", id="a5", submission="s5")
    append(storage, ItemSkipped(PROJECT, EntryId(9), ItemKey(9), BOB, "unclear"))
    resolution = Resolution(ItemKey(1), QUESTION, "good", "human-verified", None, "majority", ("a1",), {})
    append(storage, ItemsResolved(PROJECT, "g1", (resolution,)), CertificateIssued(PROJECT, "plan", QUESTION, {}, {}))
    storage.write(lambda t: t.append([remarked(t, 1, "ann", id="m1", kind="flag")], PROVENANCE))
    storage.write(lambda t: t.append([remarked(t, 1, "bob", id="m2"), remarked(t, 2, "bob", id="m3")], PROVENANCE))
    append(storage, RemarkWithdrawn(PROJECT, "m2", ItemKey(1)))
    storage.write(lambda t: t.append([assisted(t, 1, ANN, id="q1")], PROVENANCE))
    append(storage, LabelRestored(PROJECT, ItemKey(1), QUESTION, AnnotationId("a1"), 3, "it was right"))
    first = FirstAnswer(ItemKey(7), QUESTION, ANN, 0, "bad", 2.5, "2026-11-21T12:00:00.000Z")

    def reveal(t: Transaction) -> None:
        kept = commitment(t.item_salt(first.item), first.value)
        t.append([SuggestionRevealed(PROJECT, EntryId(7), (first,), (kept,))], PROVENANCE)

    storage.write(reveal)
    renamed = LabelsMigrated(
        PROJECT,
        "c1",
        "rename",
        QUESTION,
        _type_of_one_label(),
        ("bad",),
        ("poor",),
        ("good", "bad"),
        3,
    )
    append(storage, renamed, replace(renamed, change="c2", old=("good",), new=("fine",)))
    append(storage, replace(renamed, change="c2", old=("good",), new=("fine",), undone=True))
    storage.write(lambda t: t.record_calls([call("k1"), call("k2")]))


def _type_of_one_label() -> str:
    """Give a task type whose values are labels as they stand."""
    found = ((name, relabels(name)) for name in sorted(task_types()))
    return next(name for name, kind in found if kind is not None and kind.relabel("bad", {"bad": "poor"}) == "poor")


def readable(storage: Storage) -> list[object]:
    """Give all that the views tell."""
    with storage.reading() as views:
        told: list[object] = [views.head(), views.projects(), views.annotators(PROJECT), views.runs(PROJECT)]
        told += [views.items(PROJECT), views.item_count(PROJECT), views.import_progress(PROJECT, "0" * 64)]
        columns = views.predictions(PROJECT, QUESTION, MODEL)
        told += [columns.id.tolist(), columns.value, columns.confidence.tolist(), columns.status]
        told += [views.annotations(PROJECT), views.label_count(PROJECT), views.submissions(PROJECT, ANN)]
        told += [views.submission_count(PROJECT, ANN), views.plan(PROJECT), views.certificates(PROJECT)]
        told += [views.decisions(PROJECT), list(views.resolutions(PROJECT)), views.queue_counts(PROJECT)]
        told += [views.suggestions(PROJECT, ItemKey(n), [QUESTION]) for n in range(1, 13)]
        told += [views.assistant_uses(PROJECT, ANN, ItemKey(1), 0)]
        told += [views.remarks(PROJECT), [views.trail(PROJECT, ItemKey(n)) for n in range(1, 13)]]
        told += [views.first_answers(PROJECT), views.label_changes(PROJECT), views.config_versions(PROJECT)]
        told += [views.find_items(PROJECT, ItemFilter(QUESTION))]
        told += [views.queued(PROJECT, "review"), views.call_totals(PROJECT), views.resolution_counts(PROJECT)]

    class _Undone(LabelwrightError):
        """Ends a claim that was only to be looked at."""

    offered: list[object] = []

    def offer(transaction: Transaction) -> None:
        offered.extend(lease.item for lease in transaction.claim(PROJECT, BOB, now=1e9, lease_seconds=1, count=99))
        raise _Undone

    with pytest.raises(_Undone):
        storage.write(offer)
    return [*told, offered]
