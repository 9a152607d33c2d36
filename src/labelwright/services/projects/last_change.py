"""Where the ledger ends, exports and looking apart: what a data set and its card are made from."""

from __future__ import annotations

from labelwright.events import Exported, LabelsSeen
from labelwright.ports.ledger_reads import StoredEvent
from labelwright.ports.storage import Views

_CHANGE_NOTHING = (Exported.type, LabelsSeen.type)


def last_change(views: Views) -> StoredEvent:
    """Give the last event that changes what an export holds: none of exports and of looking does."""
    upto = views.head().position
    while True:
        window = views.events(after=max(upto - 100, 0), limit=min(100, upto))
        found = next((event for event in reversed(window) if event.type not in _CHANGE_NOTHING), None)
        if found is not None:
            return found
        upto -= len(window)
