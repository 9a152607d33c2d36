"""What is out at a provider's batch API: sent, found again, looked after, fetched.

The order is the promise (M1). A shard is written down before its batch is made, its batch's id before anything else is
done, and each result before its conversation goes on. So whatever happens at whatever instant, a request is due, out,
or answered, and never two of these.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TypeVar

from labelwright.adapters.chat.outbound_watch import Sent, watching
from labelwright.adapters.execution.batch_results import (
    CHUNK,
    Deliver,
    Harvest,
    call_row,
    in_chunks,
    keys_at,
    summary,
    usage_of,
)
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.adapters.execution.shard_writer import ShardWriter, shard_file
from labelwright.errors import ProviderFailure
from labelwright.ports.batches import BatchProgress, BatchProvider, BatchStore, LineResult, Shard, ShardLine
from labelwright.ports.chat import RunScope
from labelwright.prompting.chat import ChatResponse
from labelwright.prompting.failures import (
    ChatFailure,
    ChatRefused,
    ModelUnknown,
    RequestRejected,
    ServerFailed,
)

T = TypeVar("T")

_ENDED_EARLY = frozenset({"expired", "cancelled"})
_TOO_MANY_TOKENS = frozenset({"token_limit_exceeded", "enqueued_token_limit_exceeded"})


class BatchDesk:
    """Everything of one model that is out, for one run.

    stop: set = wait no longer.  now: epoch seconds.  tell: takes a line for people.  see: takes what was sent,
    with the items whose texts are in it.
    """

    def __init__(
        self,
        provider: BatchProvider,
        store: BatchStore,
        scope: RunScope,
        *,
        model: str,
        folder: Path,
        settings: BatchSettings,
        retry: RetryPolicy,
        rng: Random,
        stop: threading.Event,
        now: Callable[[], float],
        tell: Callable[[str], None],
        see: Callable[[Sent, Sequence[int]], None],
    ) -> None:
        self._provider, self._store, self._scope, self._see = provider, store, scope, see
        self._model, self._folder, self._settings = model, folder, settings
        self._retry, self._rng, self._stop, self._now, self._tell = retry, rng, stop, now, tell
        self._loop = asyncio.new_event_loop()
        self._looked_for: dict[str, float] = {}
        self.out: dict[str, Shard] = {}

    @property
    def tokens_out(self) -> int:
        """Estimated prompt tokens of all that is out."""
        return sum(shard.tokens for shard in self.out.values())

    def open(self) -> None:
        """Take over what earlier runs have left out, and remove files that nothing needs any more."""
        for shard in self._store.open_shards(self._scope.project, self._provider.live.provider, self._model):
            self.out[shard.id] = shard
        for file in self._folder.glob("*.jsonl"):
            if file.stem not in self.out:
                file.unlink(missing_ok=True)
        if self.out:
            lines = sum(shard.lines for shard in self.out.values())
            since = datetime.fromtimestamp(min(shard.created_at for shard in self.out.values()), UTC)
            many = f"{len(self.out)} batches" if len(self.out) > 1 else "a batch"
            self._tell(f"{many} of {lines:,} requests is out since {since:%Y-%m-%d %H:%M} UTC; looking for answers")

    def send(self, writer: ShardWriter, *, reserved: int) -> None:
        """Send a shard. When that fails half-way it counts as out until the provider's list says that it is not.

        reserved: what was set aside for it. Raises ChatRefused, when the provider takes no such batch.
        """
        writer.close()
        try:
            after = self._patiently(self._provider.newest)
        except Exception:  # whatever it was: nothing has been sent, and the money goes back before it is passed on
            if self._scope.budget is not None and reserved:
                self._scope.budget.settle(self._scope.run, spent=0, released=reserved)
            raise
        shard = Shard(
            id=writer.id,
            project=self._scope.project,
            run=self._scope.run,
            provider=self._provider.live.provider,
            model=self._model,
            after=after,
            batch=None,
            lines=len(writer.lines),
            tokens=writer.tokens,
            reserved=reserved,
            created_at=self._now(),
        )
        self._store.record(shard, writer.lines)
        self.out[shard.id] = shard
        self._create(shard, [line.item for line in writer.lines])

    def look(self, deliver: Deliver) -> list[Shard]:
        """Look after everything that is out, once; give the shards that have ended, oldest first."""
        ended: list[Shard] = []
        for shard in list(self.out.values()):
            if self._stop.is_set():
                break
            if shard.batch is None and not self._find(shard):
                if self._was_never_made(shard):
                    self._give_back(shard, deliver)
                continue
            if self._poll(self.out[shard.id]).state != "working":
                ended.append(self.out[shard.id])
        return ended

    def harvest(self, shard: Shard, deliver: Deliver) -> Harvest:
        """Fetch what came of a shard, keep it, and close the shard. What is missing may be sent again.

        Raises: ChatFailure and ChatRefused when it cannot be fetched: then it stays out.
        """
        assert shard.batch is not None  # noqa: S101 - `look` gives no other
        got = Harvest()
        progress = self._poll(shard)
        if progress.state == "failed":
            self._refused(shard, progress, deliver, got)
            self._give_back(self.out[shard.id], deliver)
        else:
            seen: set[str] = set()
            self._patiently(lambda: self._fetch(shard, seen, deliver, got))
            self._count_missing(self.out[shard.id], progress, deliver, got)
            self._close(self.out[shard.id])
        self._tell(summary(shard, progress, got))
        return got

    def rest(self, seconds: float) -> None:
        """Wait, but not through a stop request."""
        self._stop.wait(seconds)

    def close(self) -> None:
        """Let go of all connections. What is out stays out."""
        try:
            self._loop.run_until_complete(self._provider.close())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()

    # below: one shard

    def _create(self, shard: Shard, items: Sequence[int]) -> None:
        file = shard_file(self._folder, shard.id)
        size = file.stat().st_size

        def see(sent: Sent) -> None:
            self._see(sent, items if sent.bytes_sent >= size else ())  # what starts the batch carries no text

        last: ChatFailure | None = None
        for attempt in range(self._retry.attempts):
            self._looked_for.pop(shard.id, None)
            try:
                with watching(see):
                    batch = self._loop.run_until_complete(self._provider.submit(shard.id, file))
            except RequestRejected as problem:
                self._close(shard)
                raise ChatRefused(f"the batch was not taken: {problem}", http_status=problem.http_status) from problem
            except ChatRefused:
                self._close(shard)
                raise
            except ChatFailure as problem:
                # It may have been made all the same: a second one would be paid for twice.
                self.rest(self._retry.wait(attempt, problem.retry_after, self._rng))
                if self._stop.is_set() or self._find(shard) or shard.id not in self._looked_for:
                    return
                self.rest(self._settings.settle_seconds)
                if self._stop.is_set() or self._find(shard) or not self._was_never_made(shard):
                    return
                last = problem
            else:
                self._made(shard, batch)
                return
        raise _no_answer(last) from last

    def _made(self, shard: Shard, batch: str) -> None:
        self._store.created(shard.id, batch)
        self.out[shard.id] = replace(shard, batch=batch)
        self._looked_for.pop(shard.id, None)
        self._tell(
            f"batch {batch} of {shard.lines:,} request{'s' * (shard.lines != 1)} is out: most are answered within an "
            "hour, all within 24. Ctrl-C ends the waiting, not the batch: the same command fetches its answers later"
        )

    def _find(self, shard: Shard) -> bool:
        """Look for the batch of a shard that was perhaps made. Remembers since when there surely is none."""
        found = self._patiently(lambda: self._provider.find(shard.id, after=shard.after, lines=shard.lines))
        if found.batch is not None:
            self._made(shard, found.batch)
            return True
        if found.is_sure:
            self._looked_for.setdefault(shard.id, time.monotonic())
        else:
            self._looked_for.pop(shard.id, None)
        return False

    def _was_never_made(self, shard: Shard) -> bool:
        """Whether the provider's list has been without it for so long that it would be there."""
        since = self._looked_for.get(shard.id)
        return since is not None and time.monotonic() - since >= self._settings.settle_seconds

    def _give_back(self, shard: Shard, deliver: Deliver) -> None:
        """Take off a shard whose requests were not asked: they are due again."""
        left = self._store.left(shard.id)
        self._close(shard)
        for line in left:
            deliver(line.key, None, None, None)

    def _count_missing(self, shard: Shard, progress: BatchProgress, deliver: Deliver, got: Harvest) -> None:
        """Keep that there is no result of some requests. In a batch that ended early these were not asked."""
        left = self._store.left(shard.id)
        got.missing = len(left)
        missing = ServerFailed(f"batch {shard.batch} ({progress.said}) has no result for this request")
        billed = progress.said not in _ENDED_EARLY
        for start in range(0, len(left), CHUNK):
            part = [(line, LineResult(line.key, missing, billed=billed)) for line in left[start : start + CHUNK]]
            shard = self._keep(shard, part, deliver)

    def _poll(self, shard: Shard) -> BatchProgress:
        batch = shard.batch or ""
        try:
            return self._patiently(lambda: self._provider.poll(batch))
        except (ChatRefused, RequestRejected) as problem:
            if problem.http_status != 404:
                raise
            if self._now() - shard.created_at > self._settings.gone_after:
                return BatchProgress("failed", "gone")
            raise ChatRefused(
                f"batch {batch} is not there any more, or not for this key: take the key it was sent with. If it was"
                f" deleted at the provider, `delivery: live` asks for its items one by one ({problem})",
                http_status=404,
            ) from problem

    async def _fetch(self, shard: Shard, seen: set[str], deliver: Deliver, got: Harvest) -> None:
        """Keep all results, a chunk at a time. Begun anew after a failure, it skips what is kept."""
        async for chunk in in_chunks(self._provider.results(shard.batch or "", shard.id, self._model)):
            named = [result for result in chunk if result.key is not None]
            due = self._store.lines(shard.id, [result.key for result in named if result.key is not None])
            fresh: list[tuple[ShardLine, LineResult]] = []
            for result in named:
                line = due.pop(result.key or "", None)
                if line is not None:
                    fresh.append((line, result))
                    seen.add(line.key)
                    is_answer = isinstance(result.answer, ChatResponse)
                    got.answered += is_answer
                    got.failed += not is_answer
                elif result.key in seen:
                    got.doubled += 1
            got.unknown += len(chunk) - len(named)
            self._keep(self.out[shard.id], fresh, deliver)

    def _keep(self, shard: Shard, results: Sequence[tuple[ShardLine, LineResult]], deliver: Deliver) -> Shard:
        """Keep results, book what they cost, then tell of them."""
        if not results:
            return shard
        price, now = self._scope.price, self._now()
        rows = [call_row(shard, line, result, price=price, now=now) for line, result in results]
        share = -(-shard.reserved * len(rows) // max(1, shard.lines)) if shard.reserved else 0
        unknown = sum(row.cost_pico is None for row in rows)
        spent = sum(row.cost_pico or 0 for row in rows) + share * unknown // len(rows)
        released = min(shard.reserved, max(share, spent))
        self._store.harvest(shard.id, rows, released=released)
        self.out[shard.id] = shard = replace(
            shard, reserved=shard.reserved - released, lines=max(0, shard.lines - len(rows))
        )
        if self._scope.budget is not None and (spent or released):
            self._scope.budget.settle(shard.run, spent=spent, released=released)
        for row, (line, result) in zip(rows, results, strict=True):
            deliver(line.key, result.answer, usage_of(result), row.cost_pico)
        return shard

    def _refused(self, shard: Shard, progress: BatchProgress, deliver: Deliver, got: Harvest) -> None:
        """Deal with a batch that was not taken: nothing of it was answered, and nothing cost anything."""
        if any(problem.code in _TOO_MANY_TOKENS for problem in progress.problems):
            got.too_many_tokens = True
            return
        wrong = {problem.line: problem.message for problem in progress.problems if problem.line is not None}
        if progress.said != "gone" and not wrong:
            said = "; ".join(problem.message for problem in progress.problems) or "it does not say why"
            self._close(shard)
            kind = ModelUnknown if any(p.code == "model_not_found" for p in progress.problems) else ChatRefused
            raise kind(f"batch {shard.batch} was not taken: {said}")
        keys = keys_at(shard_file(self._folder, shard.id), wrong, shard.id)
        due = self._store.lines(shard.id, list(keys))
        results = [
            (line, LineResult(key, RequestRejected(keys[key], http_status=400), billed=False))
            for key, line in due.items()
        ]
        got.failed += len(results)
        if wrong and not results:
            self._close(shard)
            raise ChatRefused(f"batch {shard.batch} was not taken: {next(iter(wrong.values()))}")
        self._keep(shard, results, deliver)

    def _close(self, shard: Shard) -> None:
        """Take a shard off, and give back what is still set aside for it."""
        self._store.close(shard.id)
        self.out.pop(shard.id, None)
        self._looked_for.pop(shard.id, None)
        shard_file(self._folder, shard.id).unlink(missing_ok=True)
        if self._scope.budget is not None and shard.reserved:
            self._scope.budget.settle(shard.run, spent=0, released=shard.reserved)

    def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call that may be repeated. Raises ProviderFailure, when it keeps failing or the run is to end."""

        async def made() -> T:
            return await call()

        last: ChatFailure | None = None
        for attempt in range(self._retry.attempts):
            try:
                return self._loop.run_until_complete(made())
            except RequestRejected:
                raise
            except ChatFailure as problem:
                last = problem
                self.rest(self._retry.wait(attempt, problem.retry_after, self._rng))
                if self._stop.is_set():
                    break
        raise _no_answer(last) from last


def _no_answer(last: ChatFailure | None) -> ProviderFailure:
    return ProviderFailure(
        f"the batch API gives no answer: {last}; what is out stays out, and is paid for once: mend the endpoint, then "
        "run the same command again"
    )
