"""The shard in the making, and what may keep it from leaving: lines, bytes, tokens, money."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import orjson

from labelwright.adapters.execution.batch_desk import BatchDesk
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.execution.budget_gate import no_money
from labelwright.adapters.execution.shard_writer import ShardWriter
from labelwright.errors import InvalidInput, InvalidValue, ProviderFailure
from labelwright.ports.batches import BatchProvider, ShardLimits, ShardLine
from labelwright.ports.chat import RunScope
from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.worst_case import most_prompt_tokens, worst_case

Lack: TypeAlias = Literal["full", "poor"]
"""`full`: the shard is to be sent first.  `poor`: there is no money now, but some may come back."""

_SHARD_NAME = 16


class Outgoing:
    """At most one shard at a time. desk: through which it leaves.  tell: takes lines for people."""

    def __init__(
        self,
        provider: BatchProvider,
        desk: BatchDesk,
        scope: RunScope,
        *,
        folder: Path,
        settings: BatchSettings,
        new_id: Callable[[], str],
        tell: Callable[[str], None],
    ) -> None:
        self._provider, self._desk, self._scope = provider, desk, scope
        self._folder, self._new_id, self._tell = folder, new_id, tell
        self._limits = ShardLimits(
            min(settings.lines or provider.limits.lines, provider.limits.lines),
            min(settings.bytes or provider.limits.bytes, provider.limits.bytes),
        )
        self._most_tokens = settings.enqueued_tokens
        self._writer: ShardWriter | None = None

    @property
    def has_lines(self) -> bool:
        """Whether there is something to send."""
        return self._writer is not None and bool(self._writer.lines)

    def add(self, request: ChatRequest, named: ShardLine) -> Lack | None:
        """Write a request into the shard; say what there is too little of, if it was not.

        Raises: InvalidInput, when it can be in no shard at all; BudgetSpent, when no money will come back for it.
        """
        writer = self._writer = self._writer or self._new_writer()
        line = self._provider.line(writer.id, named.key, request)
        worst = self._worst_of(request)
        lack = writer.lacks(line, worst)
        if lack is None or (lack == "tokens" and not writer.lines):  # one request alone is not cut any further
            writer.add(line, named, worst)
            return None
        if writer.lines:
            return "full"
        if lack == "room":
            raise InvalidInput(f"the request takes {len(line):,} bytes, more than a whole batch may")
        self._check_money(worst)
        return "poor"

    def may_leave(self) -> bool:
        """Say whether the provider has room for the shard's tokens."""
        writer = self._writer
        if writer is None or self._most_tokens is None or not self._desk.out:
            return True
        return self._desk.tokens_out + writer.tokens <= self._most_tokens

    def leave(self) -> bool:
        """Send the shard; False when somebody else has taken the money there was. Raises ChatRefused."""
        writer, budget = self._writer, self._scope.budget
        if writer is None:
            return True
        if budget is not None and writer.worst:
            got = budget.reserve(self._scope.run, writer.worst, at_least=writer.worst)
            if not got:
                return False
        self._writer = None
        self._desk.send(writer, reserved=writer.worst if budget is not None else 0)
        return True

    def take_back(self) -> Sequence[ShardLine]:
        """Give the shard up; give the requests that were in it."""
        if self._writer is None:
            return ()
        lines, writer = self._writer.lines, self._writer
        self._writer = None
        writer.discard()
        return lines

    def take_fewer_tokens(self, tokens: int, *, alone: bool, lines: int) -> Sequence[ShardLine]:
        """Send less at a time from now on: the provider has no room for so many tokens at once.

        alone: nothing else was out. Gives the requests of the shard in the making, when that became too large.
        Raises ProviderFailure, when a single request is too much.
        """
        if alone and lines == 1:
            raise ProviderFailure("the provider's limit of enqueued tokens has no room for a single request")
        fewer = max(1, tokens // 2 if alone else self._desk.tokens_out)
        self._most_tokens = fewer if self._most_tokens is None else min(self._most_tokens, fewer)
        is_too_large = self._writer is not None and self._writer.tokens > self._most_tokens
        lines_back = self.take_back() if is_too_large else ()
        self._tell(f"the provider takes no more than about {self._most_tokens:,} prompt tokens at a time")
        return lines_back

    def _new_writer(self) -> ShardWriter:
        money = None
        if self._scope.budget is not None and self._scope.price is not None:
            state = self._scope.budget.state()
            money = None if state.limit is None else state.limit - state.spent - state.reserved - state.lost
        name = hashlib.sha256(self._new_id().encode()).hexdigest()[:_SHARD_NAME]
        return ShardWriter(self._folder, name, self._limits, tokens=self._most_tokens, money=money)

    def _worst_of(self, request: ChatRequest) -> int:
        if self._scope.budget is None or self._scope.price is None:
            return 0
        if request.max_tokens is None:
            raise InvalidValue("max_tokens", "with a budget, each answer needs a limit", "; set max_tokens")
        schema = 0 if request.answer_schema is None else len(orjson.dumps(request.answer_schema))
        live = worst_case(self._scope.price, most_prompt_tokens(request, schema_bytes=schema), request.max_tokens)
        return self._scope.price.in_batch(live)

    def _check_money(self, worst: int) -> None:
        """Raise BudgetSpent, when no money will come back that could pay for another request."""
        if self._scope.budget is None or self._desk.out:
            return
        state = self._scope.budget.state()
        if state.reserved == 0:
            raise no_money(state, worst, how="in a batch")
