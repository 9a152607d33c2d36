"""Transactions, the chain, and reading at one point in time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from labelwright.domain.ids import ProjectId
from labelwright.errors import (
    AlreadyExists,
    LedgerBroken,
    StorageFailure,
    VersionConflict,
)
from labelwright.events import (
    ProjectCreated,
)
from labelwright.events.base import label_stream, project_stream
from labelwright.ports.ledger_reads import Head
from labelwright.ports.storage import Storage, Transaction
from labelwright.testing.storage_build import (
    PROJECT,
    PROVENANCE,
    QUESTION,
    answer,
    begin,
    configuration,
    configured,
    say,
)


class LedgerSuite:
    """Transactions, the chain, and reading at one point in time."""

    def test_an_empty_ledger_has_a_head_of_zeros(self, storage: Storage) -> None:
        assert storage.verify() == Head(0, "0" * 64)

    def test_events_follow_each_other_in_one_chain(self, storage: Storage) -> None:
        begin(storage)
        with storage.reading() as views:
            events = views.events()
            assert [event.position for event in events] == list(range(1, len(events) + 1))
            assert [e.previous_hash for e in events] == ["0" * 64, *(e.hash for e in events[:-1])]
            assert views.head() == Head(events[-1].position, events[-1].hash) == storage.verify()
            assert views.events(after=2, limit=1) == events[2:3]
            assert events[0].provenance["via"] == "python"

    def test_streams_count_their_own_versions(self, storage: Storage) -> None:
        begin(storage)
        with storage.reading() as views:
            # created, configured, two people
            assert views.stream_version(project_stream(PROJECT)) == 4
            assert views.stream_version("unknown") == 0

    def test_an_expected_version_that_has_moved_on_is_a_conflict_and_writes_nothing(self, storage: Storage) -> None:
        begin(storage)
        head = storage.verify()
        stream = label_stream(PROJECT, 1, QUESTION)

        def work(transaction: Transaction, version: int) -> None:
            transaction.append([answer(transaction, 1, "ann", id="a1")], PROVENANCE, expected={stream: version})

        with pytest.raises(VersionConflict, match="at version 0, not 3"):
            storage.write(lambda t: work(t, 3))
        assert storage.verify() == head
        storage.write(lambda t: work(t, 0))
        with pytest.raises(VersionConflict, match="at version 1, not 0"):
            storage.write(lambda t: work(t, 0))

    def test_a_piece_of_work_that_fails_leaves_nothing(self, storage: Storage) -> None:
        begin(storage)
        head = storage.verify()

        def work(transaction: Transaction) -> None:
            transaction.append([configured(configuration(2))], PROVENANCE)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            storage.write(work)
        assert storage.verify() == head

    def test_a_swallowed_failure_inside_an_append_still_leaves_no_half_event(self, storage: Storage) -> None:
        begin(storage)
        head = storage.verify()

        def work(transaction: Transaction) -> str:
            try:
                transaction.append([ProjectCreated(ProjectId("other"), f"name of {PROJECT}")], PROVENANCE)
            except AlreadyExists:
                return "never mind"
            return "unexpected"

        with pytest.raises(AlreadyExists, match="already a project"):
            storage.write(work)
        assert storage.verify() == head

    def test_one_failing_piece_of_a_group_takes_no_other_with_it(self, storage: Storage) -> None:
        begin(storage, items=10)
        gate, entered = threading.Event(), threading.Event()

        def hold(_: Transaction) -> None:
            entered.set()
            gate.wait(5)

        def work(transaction: Transaction, number: int) -> int:
            transaction.append([answer(transaction, number, "ann", id=f"a{number}")], PROVENANCE)
            if number in {1, 4, 10}:
                raise ValueError(number)
            return number

        held = storage.submit(hold)
        entered.wait(5)
        futures = [storage.submit(lambda t, n=n: work(t, n)) for n in range(1, 11)]
        gate.set()
        held.result(5)
        wait(futures, 10)
        results = [f.exception() or f.result() for f in futures]
        assert [r for r in results if isinstance(r, int)] == [2, 3, 5, 6, 7, 8, 9]
        with storage.reading() as views:
            assert [a.id for a in views.annotations(PROJECT)] == ["a2", "a3", "a5", "a6", "a7", "a8", "a9"]
        storage.verify()

    def test_a_cancelled_piece_of_work_is_not_done(self, storage: Storage) -> None:
        begin(storage)
        gate = threading.Event()
        storage.submit(lambda _: gate.wait(5))
        cancelled = storage.submit(lambda t: t.append([configured(configuration(2))], PROVENANCE))
        assert cancelled.cancel()
        gate.set()
        say(storage, 1, "ann", id="a1")
        with storage.reading() as views:
            assert views.config(PROJECT, 2) is None

    def test_a_write_inside_a_write_is_refused_rather_than_waiting_for_itself(self, storage: Storage) -> None:
        with pytest.raises(StorageFailure, match="inside a write"):
            storage.write(lambda _: storage.write(lambda _: 1))

    def test_a_reader_keeps_its_snapshot_while_others_write(self, storage: Storage) -> None:
        begin(storage)
        with storage.reading() as views:
            before = views.head()
            say(storage, 1, "ann", id="a1")
            assert views.head() == before
            assert views.annotations(PROJECT) == []
        with storage.reading() as views:
            assert len(views.annotations(PROJECT)) == 1

    def test_threads_write_at_once_and_the_chain_holds(self, storage: Storage) -> None:
        begin(storage, items=40)

        def work(number: int) -> None:
            say(storage, number, "ann", id=f"a{number}")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(1, 41)))
        with storage.reading() as views:
            assert {a.item for a in views.annotations(PROJECT)} == set(range(1, 41))
        storage.verify()

    def test_a_closed_storage_says_so(self, storage: Storage) -> None:
        storage.close()
        storage.close()
        with pytest.raises(StorageFailure, match="closed"), storage.reading():
            pass
        with pytest.raises(StorageFailure, match="closed"):
            storage.write(lambda _: None)

    def test_R9_a_noted_head_proves_that_the_tail_is_there(self, storage: Storage) -> None:
        begin(storage)
        head = storage.verify()
        say(storage, 1, "ann", id="a1")
        assert storage.verify(head).position == head.position + 1
        with pytest.raises(LedgerBroken, match="cut off"):
            storage.verify(Head(99, "f" * 64))
        with pytest.raises(LedgerBroken, match="not the one"):
            storage.verify(Head(head.position, "f" * 64))
