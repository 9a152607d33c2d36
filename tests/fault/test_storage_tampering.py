"""R9: history cannot be changed behind the ledger's back without `verify` naming the place."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from labelwright.adapters.storage import open_storage
from labelwright.adapters.storage.ledger import chain_hash
from labelwright.errors import LedgerBroken
from labelwright.testing.storage_build import append, configuration, configured
from labelwright.testing.storage_suite import use


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which everything has happened, closed."""
    path = tmp_path_factory.mktemp("used") / "w.db"
    storage = open_storage(path)
    use(storage)
    storage.close()
    return path


@pytest.fixture
def workspace(used: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(used, tmp_path / "w.db"))


def tamper(path: Path, *statements: str) -> int:
    """Change the file as somebody with sqlite3 would; give how many rows changed."""
    connection = sqlite3.connect(path)
    try:
        changed = [connection.execute(statement).rowcount for statement in statements]
        connection.commit()
    finally:
        connection.close()
    assert changed[-1] > 0, "the tampering itself must bite"
    return changed[-1]


def broken(path: Path) -> LedgerBroken:
    storage = open_storage(path)
    try:
        with pytest.raises(LedgerBroken) as caught:
            storage.verify()
    finally:
        storage.close()
    return caught.value


def position_of(path: Path, type: str) -> int:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT min(position) FROM ledger WHERE type = ?", (type,)).fetchone()[0]
    finally:
        connection.close()


def test_R9_an_untouched_workspace_verifies(workspace: Path) -> None:
    storage = open_storage(workspace)
    assert storage.verify().position > 20
    storage.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", """replace(body, 'project', 'PROJECT')"""),
        ("provenance", """replace(provenance, 'system', 'nobody')"""),
        ("stream", "'elsewhere'"),
        ("type", "'run-finished'"),
        ("version", "77"),
        ("hash", "upper(hash)"),
        ("previous_hash", "hash"),
    ],
)
def test_R9_an_edited_event_is_found_where_it_is(workspace: Path, column: str, value: str) -> None:
    tamper(workspace, f"UPDATE ledger SET {column} = {value} WHERE position = 7")
    # A hash that was changed shows where the next event should follow it, or at the event itself.
    assert broken(workspace).position == 7


def test_R9_an_edit_that_mends_its_own_hash_is_found_at_the_next_event(workspace: Path) -> None:
    """Mutant: a hash chain without the previous hash. To hide an edit one would have to rewrite all that follows."""
    connection = sqlite3.connect(workspace)
    columns = "previous_hash, position, stream, version, type, body, provenance"
    row = connection.execute(f"SELECT {columns} FROM ledger WHERE position = 7").fetchone()
    connection.close()
    edited = row[6].replace("system", "nobody")
    mended = chain_hash(row[0], row[1], row[2], row[3], row[4], row[5], edited)
    tamper(
        workspace,
        f"UPDATE ledger SET provenance = '{edited}', hash = '{mended}' WHERE position = 7",
        f"UPDATE ledger SET previous_hash = '{mended}' WHERE position = 8",
    )
    assert broken(workspace).position == 8


def test_R9_an_edit_that_mends_its_own_hash_alone_is_not_what_the_next_event_follows(workspace: Path) -> None:
    """Mutant: each event checked against the previous hash it names, and not against the event before it."""
    connection = sqlite3.connect(workspace)
    columns = "previous_hash, position, stream, version, type, body, provenance"
    row = connection.execute(f"SELECT {columns} FROM ledger WHERE position = 7").fetchone()
    connection.close()
    edited = row[6].replace("system", "nobody")
    mended = chain_hash(row[0], row[1], row[2], row[3], row[4], row[5], edited)
    tamper(workspace, f"UPDATE ledger SET provenance = '{edited}', hash = '{mended}' WHERE position = 7")
    error = broken(workspace)
    assert error.position == 8
    assert "does not follow" in str(error)


def test_R9_a_deleted_event_is_found(workspace: Path) -> None:
    tamper(workspace, "DELETE FROM ledger WHERE position = 7")
    error = broken(workspace)
    assert error.position == 7
    assert "missing" in str(error)


def test_R9_a_deleted_event_is_found_although_the_rest_moves_up(workspace: Path) -> None:
    tamper(
        workspace,
        "DELETE FROM ledger WHERE position = 7",
        "UPDATE ledger SET position = -position WHERE position > 7",
        "UPDATE ledger SET position = -position - 1 WHERE position < 0",
    )
    assert broken(workspace).position == 7


def test_R9_swapped_events_are_found(workspace: Path) -> None:
    tamper(
        workspace,
        "UPDATE ledger SET position = -1 WHERE position = 8",
        "UPDATE ledger SET position = 8 WHERE position = 9",
        "UPDATE ledger SET position = 9 WHERE position = -1",
    )
    assert broken(workspace).position == 8


def test_R9_an_inserted_event_is_found(workspace: Path) -> None:
    columns = "stream, version, type, body, provenance, previous_hash, hash"
    tamper(
        workspace,
        "UPDATE ledger SET position = -position WHERE position > 8",
        "UPDATE ledger SET position = -position + 1 WHERE position < 0",
        f"INSERT INTO ledger (position, {columns}) SELECT 9, 'new', 1, type, body, provenance, previous_hash, hash "
        "FROM ledger WHERE position = 8",
    )
    assert broken(workspace).position == 9


def test_R9_an_event_added_at_the_end_without_its_hash_is_found(workspace: Path) -> None:
    columns = "stream, version, type, body, provenance"
    tamper(
        workspace,
        f"INSERT INTO ledger (position, {columns}, previous_hash, hash) SELECT position + 1, 'new', 1, type, body, "
        "provenance, hash, hash FROM ledger ORDER BY position DESC LIMIT 1",
    )
    assert "was changed" in str(broken(workspace))


def test_R9_a_tail_that_was_cut_off_is_found_against_an_exported_head(workspace: Path) -> None:
    """Mutant: tail not anchored. Without the noted head the rest verifies, which is why heads are exported."""
    storage = open_storage(workspace)
    append(storage, configured(configuration(3)), configured(configuration(4)))
    head = storage.verify()
    storage.close()
    tamper(workspace, f"DELETE FROM ledger WHERE position > {head.position - 2}")
    storage = open_storage(workspace)
    assert storage.verify().position == head.position - 2
    with pytest.raises(LedgerBroken, match="cut off") as caught:
        storage.verify(head)
    assert caught.value.position == head.position - 1
    storage.close()


@pytest.mark.parametrize(
    ("statement", "type"),
    [
        ("UPDATE item SET content = '{\"text\":\"other\"}' WHERE key = 3", "items-imported"),
        ("UPDATE item SET content_hash = 'x' WHERE key = 3", "items-imported"),
        ("UPDATE item SET metadata = '{}' WHERE key = 3", "items-imported"),
        ("UPDATE item SET id = 'other' WHERE key = 3", "items-imported"),
        ("DELETE FROM item WHERE key = 12", "items-imported"),
        (("INSERT INTO item (project, id, content, metadata, content_hash, salt, position) "
         "SELECT project, 'new', content, metadata, content_hash, salt, position FROM item WHERE key = 1"),
         "items-imported"),
        ("UPDATE annotator SET role = 'manager' WHERE id = 'id-ann'", "annotator-added"),
        ("UPDATE prediction SET value = '\"bad\"' WHERE id = 1", "predictions-recorded"),
        ("UPDATE prediction SET confidence = 0.99 WHERE id = 1", "predictions-recorded"),
        ("UPDATE prediction SET signals = '{\"x\":1}' WHERE id = 1", "predictions-recorded"),
        ("UPDATE decision SET route = 'accept' WHERE id = 1", "items-routed"),
        ("UPDATE decision SET probability = 0.99 WHERE id = 1", "items-routed"),
        ("UPDATE resolution SET value = '\"bad\"' WHERE id = 1", "items-resolved"),
        ("UPDATE resolution SET evidence = '{\"x\":1}' WHERE id = 1", "items-resolved"),
        ("UPDATE sample SET item = 7 WHERE place = 0", "calibration-planned"),
        ("UPDATE annotation SET value = '\"bad\"' WHERE number = 1", "annotation-submitted"),
        ("UPDATE annotation SET annotator = 'id-bob' WHERE number = 1", "annotation-submitted"),
        ("UPDATE annotation SET seconds = 1.0 WHERE number = 1", "annotation-submitted"),
        ("UPDATE annotation SET suggestion_shown = 1 WHERE number = 1", "annotation-submitted"),
        ("UPDATE annotation SET retraction = 9 WHERE number = 1", "annotation-submitted"),
        ("DELETE FROM annotation WHERE number = 1", "annotation-submitted"),
        ("UPDATE remark SET text = 'quite clear' WHERE number = 1", "item-remarked"),
        ("UPDATE remark SET annotator = 'id-bob' WHERE number = 1", "item-remarked"),
        ("UPDATE remark SET withdrawn = 9 WHERE number = 1", "item-remarked"),
        ("DELETE FROM remark WHERE number = 1", "item-remarked"),
    ],
)  # fmt: skip
def test_R9_content_behind_an_event_cannot_change(workspace: Path, statement: str, type: str) -> None:
    tamper(workspace, statement)
    assert broken(workspace).position == position_of(workspace, type)


def test_R9_a_retraction_cannot_be_taken_back_in_silence(workspace: Path) -> None:
    tamper(
        workspace,
        "DROP INDEX annotation_once",  # it would refuse: the answer was given again
        "UPDATE annotation SET retraction = NULL WHERE id = 'a4'",
    )
    assert "against the history" in str(broken(workspace))


@pytest.mark.parametrize(
    "table", ["item", "prediction", "annotation", "decision", "resolution", "sample", "annotator", "remark"]
)
def test_R9_a_row_that_no_event_brought_is_found(workspace: Path, table: str) -> None:
    connection = sqlite3.connect(workspace)
    names = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    own = {
        "position": "2",
        "id": "'new'" if table in {"item", "annotator", "annotation", "remark"} else "NULL",
        "retraction": "1",
    }
    own |= {"key": "NULL", "number": "NULL"}
    values = ", ".join(own.get(name) or name for name in names)
    tamper(workspace, f"INSERT INTO {table} SELECT {values} FROM {table} LIMIT 1")
    error = broken(workspace)
    assert error.position == 2
    assert "did not bring it" in str(error)


@pytest.mark.parametrize("noun", ["prediction", "decision"])
def test_R9_what_is_shown_is_the_newest(workspace: Path, noun: str) -> None:
    tamper(workspace, f"UPDATE current_{noun} SET {noun} = 1")
    assert "rebuild" in str(broken(workspace))
    storage = open_storage(workspace)
    storage.rebuild()
    storage.verify()
    storage.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE call SET cost_pico = 1 WHERE id = 1",
        "UPDATE call SET response = x'00' WHERE id = 2",
        "DELETE FROM call WHERE id = 1",
    ],
)
def test_R9_M3_the_call_ledger_cannot_change(workspace: Path, statement: str) -> None:
    tamper(workspace, statement)
    assert "call ledger" in str(broken(workspace))
