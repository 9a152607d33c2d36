"""The log of what left, written in the same transaction as the call ledger: no extra wait, and never after the answer.

A request is told as its attempt ends, before its row of the call ledger is committed: so whatever an answer was used
for, the record of what was sent for it is durable by then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from labelwright.adapters.chat.outbound_watch import Sent, watching
from labelwright.adapters.execution.timestamps import timestamp
from labelwright.ports.calls import CallRecord
from labelwright.ports.chat import ChatModel
from labelwright.ports.outbound import OutboundRecord
from labelwright.ports.storage import Storage
from labelwright.prompting.chat import ChatRequest, ChatResponse


def outbound_record(
    sent: Sent,
    *,
    at: str,
    project: str,
    run: str,
    item: int | None,
    fields: tuple[str, ...],
    pii: str,
    replaced: int,
    region: str | None = None,
) -> OutboundRecord:
    """Write down one request that left. `at` in RFC 3339, UTC; the rest as `OutboundRecord` names it."""
    return OutboundRecord(
        at=at,
        project=project,
        run=run,
        item=item,
        digest=sent.sha256,
        size=sent.bytes_sent,
        host=sent.host,
        region=region,
        fields=fields,
        pii=pii,
        replaced=replaced,
    )


class OutboundBook:
    """What one model was sent and is not written down yet. One book per model of a run; any thread may use it.

    fields: those a model is shown.  pii: the privacy mode.  replaced: how many pieces of personal data were replaced in
    an item, by its key.  now: epoch seconds.
    """

    def __init__(
        self,
        project: str,
        *,
        fields: Sequence[str],
        pii: str,
        replaced: Callable[[int], int],
        now: Callable[[], float],
    ) -> None:
        self._project, self._fields, self._pii, self._replaced, self._now = project, tuple(fields), pii, replaced, now
        self._waiting: dict[str, list[tuple[str, Sent]]] = {}
        self._run = ""
        self._lock = threading.Lock()

    def add(self, sent: Sent, item_id: str) -> None:
        """Take note of a request. item_id: "" = it was about no single item."""
        at = timestamp(self._now())
        with self._lock:
            self._waiting.setdefault(item_id, []).append((at, sent))

    def take(self, calls: Sequence[CallRecord]) -> list[OutboundRecord]:
        """Give, and forget, what was sent for these calls."""
        rows: list[OutboundRecord] = []
        with self._lock:
            for call in calls:
                self._run = call.run
                for at, sent in self._waiting.pop(call.item_id, ()):
                    rows.append(self._record(at, sent, run=call.run, item=call.item))
        return rows

    def record_batch(self, sent: Sent, run: str, items: Sequence[int]) -> OutboundRecord:
        """Write down a body that carried the texts of many items, or of none."""
        return outbound_record(
            sent,
            at=timestamp(self._now()),
            project=self._project,
            run=run,
            item=None,
            fields=self._fields if items else (),
            pii=self._pii,
            replaced=sum(self._replaced(item) for item in set(items)),
        )

    def rest(self) -> list[OutboundRecord]:
        """Give, and forget, what was sent for calls that were never finished."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            return [self._record(at, sent, run=self._run, item=None) for told in waiting.values() for at, sent in told]

    def _record(self, at: str, sent: Sent, *, run: str, item: int | None) -> OutboundRecord:
        replaced = 0 if item is None else self._replaced(item)
        return outbound_record(
            sent,
            at=at,
            project=self._project,
            run=run,
            item=item,
            fields=self._fields,
            pii=self._pii,
            replaced=replaced,
        )


class LoggedModel:
    """A chat model whose requests are noted in a book. keep: writes what is left over when the model is closed."""

    def __init__(
        self, model: ChatModel, book: OutboundBook, *, keep: Callable[[Sequence[OutboundRecord]], None]
    ) -> None:
        self._model, self._book, self._keep = model, book, keep

    @property
    def provider(self) -> str:
        """The model's own name for its endpoint."""
        return self._model.provider

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Make one attempt, and note what was sent for it."""
        item_id = request.metadata.get("item_id", "")
        with watching(lambda sent: self._book.add(sent, item_id)):
            return await self._model.complete(request)

    def written(self, request: ChatRequest) -> bytes:
        """Give the body of a first attempt, without sending it."""
        return self._model.written(request)

    async def close(self) -> None:
        """Close the model, and write down what no call's row has taken along."""
        await self._model.close()
        rest = self._book.rest()
        if rest:
            self._keep(rest)


class LoggedCalls:
    """The call ledger of a workspace, with the log of what left beside it."""

    def __init__(self, storage: Storage, book: OutboundBook) -> None:
        self._storage, self._book = storage, book

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Give the paid answers of these keys."""
        with self._storage.reading() as views:
            return views.answered_calls(keys)

    def commit(self, rows: Sequence[CallRecord]) -> None:
        """Append rows, and what was sent for them; returns only after all are durable."""
        sent = self._book.take(rows)
        self._storage.write(lambda tx: (tx.record_calls(rows), tx.record_outbound(sent)))

    def record(self, rows: Sequence[OutboundRecord]) -> None:
        """Append to the log of what left alone."""
        self._storage.write(lambda tx: tx.record_outbound(rows))
