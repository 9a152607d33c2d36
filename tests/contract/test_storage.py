"""Every storage passes the same suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwright.adapters.storage import open_storage
from labelwright.ports.storage import Storage
from labelwright.testing.storage_suite import StorageSuite


class TestMemory(StorageSuite):
    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        storage = open_storage("memory:")
        yield storage
        storage.close()


class TestSqlite(StorageSuite):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Iterator[Storage]:
        storage = open_storage(tmp_path / "labelwright.db")
        yield storage
        storage.close()
