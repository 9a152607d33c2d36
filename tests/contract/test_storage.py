"""Every storage passes the same suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwright.adapters.storage import open_storage
from labelwright.errors import StorageFailure
from labelwright.ports.storage import Storage, Transaction
from labelwright.testing.storage_suite import StorageSuite


class TestMemory(StorageSuite):
    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        storage = open_storage("memory:")
        yield storage
        storage.close()

    def test_reading_inside_a_write_is_refused_instead_of_waiting_for_ever(self, storage: Storage) -> None:
        def work(_: Transaction) -> int:
            with storage.reading() as views:
                return views.head().position

        with pytest.raises(StorageFailure, match="read through the transaction at hand"):
            storage.submit(work).result(timeout=60)
        assert storage.write(lambda transaction: transaction.head().position) == 0


class TestSqlite(StorageSuite):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Iterator[Storage]:
        storage = open_storage(tmp_path / "labelwright.db")
        yield storage
        storage.close()
