"""A workspace that may be read but not written: another user's, or on a read-only disk."""

from __future__ import annotations

import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwright.adapters.storage import open_storage
from labelwright.adapters.storage.read_only import ReadOnlyStorage
from labelwright.errors import StorageFailure
from labelwright.testing.storage_build import append, begin, imported

STRANGER = "nobody"
LOOK = """
import os, pwd, sys
from pathlib import Path
from labelwright.adapters.storage import open_storage, migrate, read_only
from labelwright.errors import LabelwrightError
from labelwright.testing.storage_build import append, imported
user = pwd.getpwnam(sys.argv[2])
os.setgroups([]); os.setgid(user.pw_gid); os.setuid(user.pw_uid)
try:
    storage = open_storage(Path(sys.argv[1]), create=False)
    with storage.reading() as views:
        print(views.head().position)
    print(storage.verify().position)
    storage.write(lambda transaction: print("wrote"))
except LabelwrightError as problem:
    print(type(problem).__name__, problem)
"""


def need_a_stranger() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may run a process as another user")
    try:
        pwd.getpwnam(STRANGER)
    except KeyError:
        pytest.skip(f"there is no user {STRANGER!r} here")


def look(path: Path) -> list[str]:
    """Read, verify and write as another user; give what was printed."""
    need_a_stranger()
    command = [sys.executable, "-W", "error", "-c", LOOK, str(path), STRANGER]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.fixture
def path() -> Iterator[Path]:
    """A closed workspace of this user's, in a folder that everybody may look into (pytest's own are private)."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder, "labelwright.db")
        storage = open_storage(path)
        begin(storage, items=3)
        storage.close()
        path.chmod(0o644)
        yield path


def head(path: Path) -> int:
    storage = open_storage(path)
    with storage.reading() as views:
        position = views.head().position
    storage.close()
    return position


@pytest.mark.parametrize("folder_mode", [0o755, 0o777])
def test_another_users_workspace_is_read_and_verified_and_left_alone(path: Path, folder_mode: int) -> None:
    """Not even -wal and -shm may be left behind: they would be the reader's, and shut the owner out."""
    position = str(head(path))
    path.parent.chmod(folder_mode)
    before = path.read_bytes()
    *read, refused = look(path)
    assert read == [position, position]
    assert refused.startswith(f"StorageFailure {path} is read-only for user '{STRANGER}'")
    assert "nothing was written" in refused
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_what_its_owner_is_writing_is_read_up_to_the_last_commit(path: Path) -> None:
    storage = open_storage(path)
    append(storage, imported([7, 8]))
    with storage.reading() as views:
        position = str(views.head().position)
    *read, refused = look(path)
    assert read == [position, position]
    assert "read-only" in refused
    append(storage, imported([9]))
    storage.close()


def test_a_log_without_its_index_is_not_passed_over(path: Path) -> None:
    storage = open_storage(path)
    append(storage, imported([7, 8]))
    copy = path.parent / "copy"
    copy.mkdir(mode=0o755)
    for ending in ("", "-wal"):
        shutil.copy(f"{path}{ending}", copy)
    storage.close()
    (said,) = look(copy / path.name)
    assert said.startswith(f"StorageFailure {copy / path.name} is read-only for user '{STRANGER}'")
    assert "-wal" in said


def test_a_file_that_may_not_be_read_is_named(path: Path) -> None:
    path.chmod(0o600)
    (said,) = look(path)
    assert said.startswith(f"StorageFailure {path} may not be read by user '{STRANGER}'")


def test_an_earlier_schema_is_not_brought_up_to_date_by_who_may_not_write(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.commit()
    connection.close()
    (said,) = look(path)
    assert "written by an earlier version" in said
    assert str(path) in said


def test_what_is_written_during_a_reading_without_locks_ends_it(path: Path) -> None:
    reader = ReadOnlyStorage(path)

    def read_meanwhile() -> None:
        with reader.reading() as views:
            views.head()
            storage = open_storage(path)
            append(storage, imported([7, 8]))
            storage.close()

    with pytest.raises(StorageFailure, match="was written while it was read; try again"):
        read_meanwhile()
    assert reader.verify().position == head(path)


def test_a_read_only_storage_writes_nothing(path: Path) -> None:
    reader = ReadOnlyStorage(path)
    with pytest.raises(StorageFailure, match="read-only"):
        reader.write(lambda transaction: transaction.head())
    with pytest.raises(StorageFailure, match="read-only"):
        reader.submit(lambda transaction: transaction.head())
    with pytest.raises(StorageFailure, match="read-only"):
        reader.rebuild()
    reader.close()
