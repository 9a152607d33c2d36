"""Group commit: nobody is told before it is durable, and no failure stops the writer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from pathlib import Path

import pytest

from labelwright.adapters.storage import database, open_storage
from labelwright.domain.ids import AnnotatorId
from labelwright.errors import StorageFailure
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Storage, Transaction
from labelwright.testing.storage_build import PROJECT, PROVENANCE, answer, begin, say


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.db"


@pytest.fixture
def storage(path: Path) -> Iterator[Storage]:
    storage = open_storage(path)
    begin(storage, items=50)
    yield storage
    storage.close()


def on_disk(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {id for (id,) in connection.execute("SELECT id FROM annotation")}
    finally:
        connection.close()


def test_R1_an_answer_is_acknowledged_only_after_its_commit(storage: Storage, path: Path) -> None:
    """Mutant: acknowledge before commit. At the very moment a future resolves, another connection sees its rows."""
    seen: dict[str, bool] = {}
    gate = threading.Event()
    storage.submit(lambda _: gate.wait(5))  # so that the rest commits as one group
    futures: list[Future[None]] = []
    for number in range(1, 21):
        id = f"a{number}"

        def work(transaction: Transaction, n: int = number, id: str = id) -> None:
            transaction.append([answer(transaction, n, "ann", id=id)], PROVENANCE)

        def acknowledged(_: Future[None], id: str = id) -> None:
            seen[id] = id in on_disk(path)

        future = storage.submit(work)
        future.add_done_callback(acknowledged)
        futures.append(future)
    gate.set()
    wait(futures, 10)
    storage.write(lambda _: None)  # the callbacks of the last group have run
    assert seen == {f"a{n}": True for n in range(1, 21)}


def test_nothing_of_a_running_group_is_seen_from_outside(storage: Storage, path: Path) -> None:
    def work(transaction: Transaction) -> set[str]:
        transaction.append([answer(transaction, 1, "ann", id="a1")], PROVENANCE)
        return on_disk(path)

    assert storage.write(work) == set()
    assert on_disk(path) == {"a1"}


def test_a_full_disk_is_told_to_every_caller_and_the_writer_recovers(storage: Storage, path: Path) -> None:
    """R15's first half: nothing acknowledged, heals by itself."""
    pages = storage.write(lambda t: pragma(t, "page_count"))
    storage.write(lambda t: pragma(t, f"max_page_count={pages}"))
    before = on_disk(path)
    gate = threading.Event()
    storage.submit(lambda _: gate.wait(5))
    who = AnnotatorId("id-ann")

    def fill(transaction: Transaction, key: str) -> None:
        transaction.remember(key, who, StoredResponse("h", 201, bytes(200_000)), now=1.0)

    futures = [storage.submit(lambda t, n=n: fill(t, f"k{n}")) for n in range(5)]
    gate.set()
    for future in futures:
        with pytest.raises(StorageFailure, match=r"full|undid"):
            future.result(10)
    assert on_disk(path) == before
    with storage.reading() as views:
        assert all(views.remembered(f"k{n}", who) is None for n in range(5))
    storage.write(lambda t: pragma(t, "max_page_count=1000000"))
    say(storage, 1, "ann", id="a1")
    storage.verify()


def pragma(transaction: Transaction, name: str) -> int:
    return transaction.database.connection.execute(f"PRAGMA {name}").fetchone()[0]  # type: ignore[attr-defined]


def test_a_workspace_that_stays_locked_is_reported_in_our_own_words(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_storage(path).close()
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.2)
    storage = open_storage(path)
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFailure, match="another process") as caught:
        begin(storage)
    assert "locked" not in str(caught.value)
    foreign.execute("COMMIT")
    foreign.close()
    begin(storage)
    with storage.reading() as views:
        assert views.item_count(PROJECT) == 5
    storage.close()


def test_closing_finishes_what_is_queued(storage: Storage, path: Path) -> None:
    futures = [
        storage.submit(lambda t, n=n: t.append([answer(t, n, "ann", id=f"a{n}")], PROVENANCE)) for n in range(1, 11)
    ]
    storage.close()
    assert all(future.done() and future.exception() is None for future in futures)
    assert on_disk(path) == {f"a{n}" for n in range(1, 11)}
