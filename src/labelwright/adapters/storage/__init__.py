"""Where a workspace is kept: SQLite in a file or in memory, through one set of statements."""

from labelwright.adapters.storage.opening import open_storage

__all__ = ["open_storage"]
