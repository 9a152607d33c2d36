"""One run through a batch API: conversations that wait for answers, step by step.

A conversation is ready (it has an answer, or begins), waiting (its request is in a shard), or over.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Generic, TypeVar

from labelwright.adapters.chat.outbound_watch import Sent
from labelwright.adapters.execution.batch_desk import BatchDesk
from labelwright.adapters.execution.batch_outgoing import Outgoing
from labelwright.adapters.execution.batch_settings import BatchSettings
from labelwright.adapters.execution.progress import Heartbeat, Progress
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.errors import InvalidInput, ProviderFailure
from labelwright.ports.batches import BatchProvider, BatchStore, ShardLine
from labelwright.ports.calls import CallStore
from labelwright.ports.chat import ChatModel, Finished, RunScope, Work
from labelwright.ports.jobs import JobCounts, JobState
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, decode_response, request_key
from labelwright.prompting.failures import ChatFailure, ChatRefused
from labelwright.prompting.usage import Usage

T = TypeVar("T")

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class BatchParts:
    """What `BatchRunner` was made with."""

    provider: BatchProvider
    calls: CallStore
    batches: BatchStore
    model: str
    folder: Path
    settings: BatchSettings
    retry: RetryPolicy
    stop: threading.Event
    now: Callable[[], float]
    new_id: Callable[[], str]
    tell: Callable[[str], None]
    see: Callable[[Sent, str, Sequence[int]], None] | None
    alone: ChatModel
    seed: int


@dataclass(slots=True)
class Talk(Generic[T]):
    """A conversation. request: the one it waits on; None = it has not begun. tries: how often that was sent in vain."""

    work: Work[T]
    request: ChatRequest | None = None
    keys: list[str] = field(default_factory=list[str])
    tries: int = 0
    reused: int = 0
    attempts: int = 0
    usage: Usage = field(default_factory=lambda: Usage(0, 0))
    cost_pico: int | None = 0


class BatchSession(Generic[T]):
    """One run."""

    def __init__(self, parts: BatchParts, work: Iterable[Work[T]], scope: RunScope) -> None:
        self._parts, self._scope, self._source = parts, scope, iter(work)
        self._settings = parts.settings
        self._desk = BatchDesk(
            parts.provider,
            parts.batches,
            scope,
            model=parts.model,
            folder=parts.folder,
            settings=parts.settings,
            retry=parts.retry,
            rng=Random(parts.seed),
            stop=parts.stop,
            now=parts.now,
            tell=parts.tell,
            see=self._see,
        )
        self._outgoing = Outgoing(
            parts.provider,
            self._desk,
            scope,
            folder=parts.folder,
            settings=parts.settings,
            new_id=parts.new_id,
            tell=parts.tell,
        )
        self._ready: deque[tuple[Talk[T], ChatResponse | None]] = deque()
        self._waiting: dict[str, list[Talk[T]]] = {}
        self._finished: list[Finished[T]] = []
        self._n_open, self._is_exhausted = 0, False
        self._is_full = self._is_poor = self._was_probed = False
        self._probes_left = parts.settings.probes
        self._refused: ChatRefused | None = None
        self._barren = 0
        self._progress = Progress(scope.total or 0, clock=time.monotonic)
        self._around = ExitStack()
        self._heartbeat: Heartbeat | None = None
        if scope.control is not None:
            self._heartbeat = Heartbeat(scope.control, self._progress.counts, self._state)

    def counts(self) -> JobCounts:
        """Say how far it is."""
        return self._progress.counts()

    @property
    def was_stopped(self) -> bool:
        """Whether something was left undone because somebody asked for it."""
        return self._is_stopping() and (not self._is_exhausted or self._n_open > 0)

    def hold(self) -> Iterator[Sequence[Finished[T]]]:
        """Hold all conversations."""
        if self._heartbeat is not None:
            self._heartbeat.start()
            self._around.callback(self._heartbeat.end)
        self._desk.open()
        while True:
            if self._finished:
                chunk, self._finished = self._finished, []
                yield chunk
            if self._refused is not None:
                raise self._refused
            if self._is_stopping() or not self._step():
                break
        if not self._is_stopping():
            self._fetch_what_ended()  # of earlier runs, whose items nobody asks about any more
        if self._finished:
            yield self._finished

    def close(self) -> None:
        """Let go of everything. What is out stays out."""
        try:
            self._outgoing.take_back()
            for talk, _ in self._ready:
                talk.work.flow.close()
            for talks in self._waiting.values():
                for talk in talks:
                    talk.work.flow.close()
            self._desk.close()
        finally:
            self._around.close()

    # below: one step after the other

    def _step(self) -> bool:
        """Do the next thing; False when there is nothing more to do."""
        self._progress.tick()
        if self._is_full:
            self._is_full = not self._send()
            if self._is_full:
                self._wait()
        elif self._is_poor:
            self._outgoing.take_back()  # the next one is made with what has come back meanwhile
            self._is_poor = False
            self._wait()
        elif self._ready:
            self._advance([self._ready.popleft() for _ in range(min(_CHUNK, len(self._ready)))])
        elif not self._is_exhausted and self._n_open < self._settings.most_open:
            self._pull()
        elif self._outgoing.has_lines and self._send():
            pass
        elif self._waiting:
            self._wait()
        else:
            return False
        return True

    def _pull(self) -> None:
        for work in islice(self._source, min(_CHUNK, self._settings.most_open - self._n_open)):
            self._n_open += 1
            self._ready.append((Talk(work), None))
        self._is_exhausted = not self._ready

    def _advance(self, talks: Sequence[tuple[Talk[T], ChatResponse | None]]) -> None:
        """Let conversations go on until each waits for an answer, or is over."""
        asking = [talk for talk, response in talks if self._goes_on(talk, response)]
        keys = [talk.keys[-1] for talk in asking]
        kept = self._parts.calls.find(keys)
        out = self._parts.batches.out([key for key in keys if key not in kept])
        for talk, key in zip(asking, keys, strict=True):
            if key in kept:
                talk.reused += 1
                self._progress.reused()
                self._ready.append((talk, decode_response(kept[key])))
            elif key in self._waiting or out.get(key) in self._desk.out:
                self._waiting.setdefault(key, []).append(talk)
            elif self._is_full or self._is_poor or self._was_probed:
                self._ready.append((talk, None))  # what is in the ledger may have changed
            else:
                self._put(talk)
        self._was_probed = False

    def _goes_on(self, talk: Talk[T], response: ChatResponse | None) -> bool:
        """Give a conversation its answer; False when it is over. No answer: it asks as before."""
        flow = talk.work.flow
        try:
            if response is not None:
                talk.request = flow.send(response)
            elif talk.request is None:
                talk.request = next(flow)
            else:
                return True
            talk.tries = 0
            talk.keys.append(request_key(talk.request, self._parts.provider.live.provider))
        except StopIteration as end:
            self._finish(talk, end.value, None)
            return False
        except InvalidInput as problem:  # an item that cannot be written into a request
            self._finish(talk, None, str(problem))
            return False
        return True

    def _put(self, talk: Talk[T]) -> None:
        """Write a request into the shard in the making."""
        request, key = talk.request, talk.keys[-1]
        assert request is not None  # noqa: S101 - it waits on one
        if self._probes_left:
            self._probe(talk, request)
            return
        work = talk.work
        named = ShardLine(key, work.item, work.item_id, len(talk.keys) - 1, talk.tries)
        try:
            lack = self._outgoing.add(request, named)
        except InvalidInput as problem:
            self._finish(talk, None, str(problem))
            return
        if lack is None:
            self._waiting[key] = [talk]
            return
        self._is_full, self._is_poor = self._is_full or lack == "full", self._is_poor or lack == "poor"
        self._ready.appendleft((talk, None))

    def _probe(self, talk: Talk[T], request: ChatRequest) -> None:
        """Ask once alone: what is wrong with the key, the model or the parameters shows now, and is learnt."""
        self._probes_left -= 1
        self._was_probed = True
        parts = self._parts
        runner = ThreadedRunner(
            parts.alone, parts.calls, concurrency=1, retry=parts.retry, stop=parts.stop, now=parts.now
        )
        alone = Work(talk.work.item, talk.work.item_id, _one(request))
        for chunk in runner.run([alone], replace(self._scope, control=None, total=1)):
            for finished in chunk:
                talk.attempts += finished.attempts
                talk.usage += finished.usage
                known = talk.cost_pico is not None and finished.cost_pico is not None
                talk.cost_pico = (talk.cost_pico or 0) + (finished.cost_pico or 0) if known else None
                self._progress.called(finished.usage, finished.cost_pico, is_answer=finished.outcome is not None)
                if finished.outcome is None:
                    self._finish(talk, None, finished.problem)
                else:
                    self._probes_left = 0
                    self._ready.append((talk, finished.outcome))
                return
        self._ready.append((talk, None))  # the run was asked to end

    def _send(self) -> bool:
        """Send the shard in the making; False when it must wait: for tokens, or for people."""
        if self._is_held() or not self._outgoing.may_leave():
            return False
        if not self._outgoing.leave():
            self._take_back(self._outgoing.take_back())
        return True

    def _take_back(self, lines: Sequence[ShardLine]) -> None:
        for line in lines:
            self._ready.extend((talk, None) for talk in self._waiting.pop(line.key, ()))

    def _wait(self) -> None:
        """Look after what is out; when nothing has ended, wait a while."""
        n_ready = len(self._ready)
        if not self._fetch_what_ended() and len(self._ready) == n_ready:
            self._desk.rest(self._settings.poll_seconds)

    def _fetch_what_ended(self) -> bool:
        ended = self._desk.look(self._deliver)
        for shard in ended:
            got = self._desk.harvest(shard, self._deliver)
            if got.too_many_tokens:
                alone = not self._desk.out
                self._take_back(self._outgoing.take_fewer_tokens(shard.tokens, alone=alone, lines=shard.lines))
                continue
            self._barren = 0 if got.answered else self._barren + 1
            if self._barren >= self._settings.barren:
                raise ProviderFailure(
                    f"{self._barren} batches in a row ended without a single answer; the reasons are in the call"
                    " ledger: mend the cause, then run the same command again"
                )
        return bool(ended)

    def _deliver(
        self,
        key: str,
        answer: ChatResponse | ChatFailure | ChatRefused | None,
        usage: Usage | None,
        cost_pico: int | None,
    ) -> None:
        """Take what came of one request to the conversations that wait for it; the first one pays."""
        talks = self._waiting.pop(key, [])
        if answer is None:
            self._ready.extend((talk, None) for talk in talks)
            return
        is_answer = isinstance(answer, ChatResponse)
        self._progress.called(usage, cost_pico, is_answer=is_answer)
        if isinstance(answer, ChatRefused):
            self._refused = self._refused or answer
        for place, talk in enumerate(talks):
            if place == 0:
                talk.attempts += 1
                talk.usage += usage or Usage(0, 0)
                if is_answer or cost_pico is not None:
                    known = talk.cost_pico is not None and cost_pico is not None
                    talk.cost_pico = (talk.cost_pico or 0) + (cost_pico or 0) if known else None
            else:
                talk.reused += 1
            if is_answer:
                self._ready.append((talk, answer))
                continue
            talk.tries += 1
            may_again = isinstance(answer, ChatRefused) or (answer.retries and talk.tries < self._parts.retry.attempts)
            if may_again:
                self._ready.append((talk, None))
            else:
                self._finish(talk, None, str(answer))

    def _finish(self, talk: Talk[T], outcome: T | None, problem: str | None) -> None:
        talk.work.flow.close()
        self._n_open -= 1
        self._progress.finished(has_outcome=outcome is not None)
        self._finished.append(
            Finished(
                item=talk.work.item,
                item_id=talk.work.item_id,
                outcome=outcome,
                problem=problem,
                keys=tuple(talk.keys),
                reused=talk.reused,
                attempts=talk.attempts,
                usage=talk.usage,
                cost_pico=talk.cost_pico,
            )
        )

    def _see(self, sent: Sent, items: Sequence[int]) -> None:
        if self._parts.see is not None:
            self._parts.see(sent, self._scope.run, items)

    def _is_stopping(self) -> bool:
        return self._parts.stop.is_set() or (self._heartbeat is not None and self._heartbeat.wish == "cancel")

    def _is_held(self) -> bool:
        return self._heartbeat is not None and self._heartbeat.wish == "pause"

    def _state(self) -> JobState:
        if self._heartbeat is not None and self._heartbeat.wish == "cancel":
            return "cancelling"
        return "paused" if self._is_held() else "running"


def _one(request: ChatRequest) -> Flow[ChatResponse]:
    response = yield request
    return response
