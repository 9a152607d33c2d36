"""How batches are cut, waited for and given up."""

from __future__ import annotations

from dataclasses import dataclass

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """most_open: conversations held at once; each takes about 2 kB and its item, so this bounds the memory.

    lines, bytes: of one shard, where that is less than the provider takes.  enqueued_tokens: prompt tokens that may be
    out at once, as the provider's tier allows (estimated at three bytes a token); None = as many as it takes.
    poll_seconds: between two looks at what is out.  settle_seconds: how long a batch that was just made may take to
    show up in the provider's list.  gone_after: so old a batch that the provider no longer knows is forgotten (OpenAI
    keeps results for 30 days, Anthropic for 29).
    barren: so many batches in a row without a single answer end the run.
    probes: so many requests at most are first sent alone, until one is answered: a wrong key, model or parameter then
    shows in seconds and not after a day. 0 = none.
    """

    most_open: int = 100_000
    lines: int | None = None
    bytes: int | None = None
    enqueued_tokens: int | None = None
    poll_seconds: float = 30.0
    settle_seconds: float = 5.0
    gone_after: float = 31 * _DAY
    barren: int = 3
    probes: int = 3
