"""Whether the endpoint of a run is there at all, and for whom it speaks when it asks to wait."""

from __future__ import annotations

from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.errors import ProviderFailure
from labelwright.prompting.failures import ChatFailure, ConnectionFailed, ConnectTimedOut, RateLimited

_NEVER = float("-inf")


class Reach:
    """What the attempts of a run have shown of its endpoint. provider: its name in messages.  Times in seconds."""

    def __init__(self, provider: str, retry: RetryPolicy) -> None:
        self._provider, self._retry = provider, retry
        self._has_answered = False  # with whatever HTTP status
        self._first_sent_at: float | None = None
        self._answered_sent_at = _NEVER  # when the latest of the requests left that got an answer
        self._items_given_up = 0
        self._last: ConnectionFailed | None = None
        self._rejection, self._rejected = "", 0

    def sent(self, at: float) -> None:
        """Note that a request leaves."""
        if self._first_sent_at is None:
            self._first_sent_at = at

    def answered(self, sent_at: float) -> None:
        """Note that a request got an answer."""
        self._has_answered = True
        self._answered_sent_at = max(self._answered_sent_at, sent_at)

    def failed(self, came: ChatFailure, back_at: float) -> None:
        """Note a failure. Raises ProviderFailure at a host that only drops what is sent to it.

        Each further attempt there takes as long again as the last, so few items are given up before the run ends.
        """
        self._has_answered = self._has_answered or came.http_status is not None
        if isinstance(came, ConnectTimedOut) and not self._has_answered and self._first_sent_at is not None:
            self._last = came
            if back_at - self._first_sent_at >= self._retry.unreached_seconds:
                self.check()

    def attempts(self, came: ChatFailure) -> int:
        """Give how often a request that failed so may be sent."""
        return self._retry.attempts_after(never_reached=self._was_never_there(came))

    def given_up(self, came: ChatFailure) -> None:
        """Note that an item is given up. Raises ProviderFailure, when enough were and nothing ever answered."""
        if self._was_never_there(came):
            assert isinstance(came, ConnectionFailed)  # noqa: S101 - `_was_never_there`
            self._items_given_up, self._last = self._items_given_up + 1, came
            if self._items_given_up >= self._retry.unreached_items:
                self.check()

    def rejected(self, came: ChatFailure) -> None:
        """Note that an item was rejected. Raises ProviderFailure, when all so far were, in the very same words.

        Then it is not the items: some gateways answer 400 to a wrong key (LiteLLM without a database does).
        """
        said = str(came)
        self._rejected = self._rejected + 1 if said == self._rejection else 1
        self._rejection = said
        if (
            self._answered_sent_at == _NEVER
            and came.http_status == 400
            and self._rejected >= self._retry.rejected_items
        ):
            raise ProviderFailure(
                f"{self._rejected} items were rejected in the same words, none was answered: {said}; if it is not the "
                f"items themselves, mend the key, the model's name or its settings; then run the same command again"
            ) from came

    def check(self) -> None:
        """Raise ProviderFailure when nothing ever answered at this address."""
        if self._last is None or self._has_answered:
            return
        n = self._items_given_up
        items = f", {n} item{'' if n == 1 else 's'} given up" if n else ""
        raise ProviderFailure(
            f"cannot connect to {self._provider}: nothing answered there{items}, the last because: {self._last}; "
            f"is the server running, and is base_url right? Then run the same command again"
        ) from self._last

    def speaks_of_one(self, came: ChatFailure, sent_at: float) -> bool:
        """Whether a short wait is asked of this request alone, so that the others need not wait with it.

        A 429 speaks to all of us. Anything else does too, unless a request that left later has been answered meanwhile:
        then the endpoint is there, and what failed is one of the machines behind it.
        """
        return (
            not isinstance(came, RateLimited)
            and (came.retry_after or 0.0) <= self._retry.longest_asked
            and self._answered_sent_at > sent_at
        )

    def _was_never_there(self, came: ChatFailure) -> bool:
        return isinstance(came, ConnectionFailed) and not self._has_answered
