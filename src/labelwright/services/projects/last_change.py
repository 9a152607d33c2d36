"""Where the ledger ends, exports apart: what a data set and its card are made from."""

from __future__ import annotations

from labelwright.events import Exported
from labelwright.ports.storage import StoredEvent, Views


def last_change(views: Views) -> StoredEvent:
    """Give the last event that is no export: an export changes nothing that another one would hold."""
    upto = views.head().position
    while True:
        window = views.events(after=max(upto - 100, 0), limit=min(100, upto))
        found = next((event for event in reversed(window) if event.type != Exported.type), None)
        if found is not None:
            return found
        upto -= len(window)
