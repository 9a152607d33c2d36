"""How many requests and tokens a provider takes per minute, kept before anything is sent.

A refused request counts against the limit too, so nothing is sent that would be refused. Limits are enforced over short
windows (60 a minute is about one a second): a bucket holds a quarter of a second's worth, not a minute's.

A limit comes from project.yaml, from the headers of the answers (the lower one holds), or, where neither says anything
and requests are refused, from the rate at which they were taken (`LearntRate`).

Source: OpenAI, "Rate limits" (enforced over shorter periods); CONTRACTS II.5.
"""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.prompting.chat import RateLimits

_BURST_SECONDS = 0.25


class Bucket:
    """A token bucket: so much per second, and little at once.

    An amount larger than the bucket passes when it is full and leaves a debt.
    """

    def __init__(self, per_second: float, *, now: float) -> None:
        self.per_second = per_second
        self._level, self._at = self._most, now

    @property
    def _most(self) -> float:
        return max(1.0, self.per_second * _BURST_SECONDS)

    def wait(self, amount: float, *, now: float) -> float:
        """Give the seconds until this amount passes."""
        self._fill(now)
        return max(0.0, (min(amount, self._most) - self._level) / self.per_second)

    def take(self, amount: float) -> None:
        """Let an amount pass; a negative one gives back."""
        self._level = min(self._most, self._level - amount)

    def set_rate(self, per_second: float, *, now: float) -> None:
        """Go on at another rate."""
        self._fill(now)
        self.per_second = per_second
        self._level = min(self._level, self._most)

    def set_left(self, left: float) -> None:
        """Take the provider's word for what is left, where that is less."""
        self._level = min(self._level, left)

    def _fill(self, now: float) -> None:
        self._level = min(self._most, self._level + max(0.0, now - self._at) * self.per_second)
        self._at = now


class TokenGuess:
    """How many tokens a request will use: by its size at first, then as those before it did."""

    def __init__(self) -> None:
        self._per_byte = 0.5
        self._answer: float | None = None

    def of(self, prompt_bytes: int, most_answered: int | None) -> float:
        """Guess, rather too high than too low. most_answered: the request's own limit."""
        answer = float(most_answered or 1000) if self._answer is None else 1.25 * self._answer
        return 1.1 * self._per_byte * prompt_bytes + answer

    def learn(self, prompt_bytes: int, prompt_tokens: int, answer_tokens: int) -> None:
        """Take an answered request into account."""
        per_byte = prompt_tokens / max(1, prompt_bytes)
        if self._answer is None:
            self._per_byte, self._answer = per_byte, float(answer_tokens)
        self._per_byte += 0.05 * (per_byte - self._per_byte)
        self._answer += 0.05 * (answer_tokens - self._answer)


@dataclass(slots=True)
class _Tally:
    """What came of the requests since some moment. waited: seconds of it in which the server let nobody send."""

    since: float
    taken: int = 0
    refused: int = 0
    waited: float = 0.0


class LearntRate:
    """The rate an unnamed limit seems to allow: what was taken while more was refused, growing by a tenth per second.

    Where slowing down does not make refusals fewer, they do not come from our pace (a server that refuses at random,
    or for the sake of others): after some rounds it gives up for a while, instead of slowing to nothing.
    """

    _SHORTEST, _LONGEST, _FEWEST = 0.5, 5.0, 20  # seconds, and requests, from which a rate and a share can be told
    _FEW = 0.15  # this share of refusals is what probing for more costs
    _ROUNDS, _GIVEN_UP_SECONDS = 4, 30.0

    def __init__(self, *, now: float) -> None:
        self._rate: float | None = None
        self._set_at = now
        self._before, self._tally = _Tally(now), _Tally(now)
        self._rounds = 0
        self._given_up_until = 0.0

    def helps(self, now: float) -> bool:
        """Whether slowing down is worth trying."""
        return now >= self._given_up_until

    def taken(self, now: float) -> None:
        """Count a request that was not refused."""
        if now - self._tally.since > self._LONGEST:
            self._before, self._tally = self._tally, _Tally(now)
        self._tally.taken += 1

    def waits(self, seconds: float) -> None:
        """Count time in which nothing is sent because the server asks for it."""
        self._tally.waited += seconds

    def refused(self, now: float) -> bool:
        """Count a refused request; True when the rate was set anew."""
        self._tally.refused += 1
        told = (self._before, self._tally)
        taken, refused = sum(t.taken for t in told), sum(t.refused for t in told)
        seconds = now - self._before.since
        if not self.helps(now) or seconds < self._SHORTEST or taken + refused < self._FEWEST:
            return False
        self._rounds = self._rounds + 1 if refused > self._FEW * (taken + refused) else 0
        if self._rounds > self._ROUNDS:
            self._rate, self._rounds, self._given_up_until = None, 0, now + self._GIVEN_UP_SECONDS
        else:
            waited = sum(t.waited for t in told)
            self._rate, self._set_at = max(0.5, taken / max(seconds - waited, self._SHORTEST)), now
        self._before, self._tally = _Tally(now), _Tally(now)
        return True

    def per_second(self, now: float) -> float | None:
        """Give the rate to keep to now; None = none."""
        if self._rate is None:
            return None
        grown = 1 + 0.1 * (now - self._set_at)
        if grown > 8:  # more than a minute without a refusal: it was something else
            self._rate = None
            return None
        return self._rate * grown


class Limits:
    """The buckets of one endpoint.

    requests, tokens: allowed per minute, as configured; None = what the headers say, else no limit.
    """

    def __init__(self, requests: int | None, tokens: int | None, *, now: float) -> None:
        self._own_requests, self._own_tokens = requests, tokens
        self._requests = None if requests is None else Bucket(requests / 60, now=now)
        self._tokens = None if tokens is None else Bucket(tokens / 60, now=now)
        self._learnt = LearntRate(now=now)
        self._learnt_bucket: Bucket | None = None
        self._tokens_out = 0.0
        self.is_free = requests is None and tokens is None
        """Whether nothing limits us: then no bucket need be asked."""

    @property
    def counts_tokens(self) -> bool:
        """Whether a request's tokens must be guessed before it is sent."""
        return self._tokens is not None

    def slowing_helps(self, now: float) -> bool:
        """Whether refusals have so far become fewer by sending less."""
        return self._learnt.helps(now)

    def wait(self, tokens: float, *, now: float) -> float:
        """Give the seconds until a request of so many tokens may leave."""
        wait = 0.0
        if self._requests is not None:
            wait = self._requests.wait(1, now=now)
        if self._tokens is not None:
            wait = max(wait, self._tokens.wait(tokens, now=now))
        if self._learnt_bucket is not None:
            rate = self._learnt.per_second(now)
            if rate is None:
                self._learnt_bucket = None
                self._see_whether_free()
            else:
                self._learnt_bucket.set_rate(rate, now=now)
                wait = max(wait, self._learnt_bucket.wait(1, now=now))
        return wait

    def take(self, tokens: float) -> None:
        """Let a request leave."""
        if self._requests is not None:
            self._requests.take(1)
        if self._learnt_bucket is not None:
            self._learnt_bucket.take(1)
        if self._tokens is not None:
            self._tokens.take(tokens)
            self._tokens_out += tokens

    def back(self, tokens: float, *, used: float | None, now: float) -> None:
        """Note that a request came back. tokens: as it was let leave with.  used: by it; None = not known."""
        self._learnt.taken(now)
        if self._tokens is not None and tokens:
            self._tokens_out = max(0.0, self._tokens_out - tokens)
            if used is not None:
                self._tokens.take(used - tokens)

    def refused(self, tokens: float, *, now: float, waits: float) -> None:
        """Note that a request was refused for the pace. waits: seconds for which nobody sends anything now."""
        if self._tokens is not None:
            self._tokens_out = max(0.0, self._tokens_out - tokens)
        if self._learnt.refused(now):
            rate = self._learnt.per_second(now)
            self._learnt_bucket = None if rate is None else Bucket(rate, now=now)
            self._see_whether_free()
        self._learnt.waits(waits)

    def read(self, stated: RateLimits, *, in_flight: int, now: float) -> None:
        """Take in what the headers of an answer say. in_flight: requests that it may not count yet."""
        if stated.requests is not None:
            per_second = min(stated.requests, self._own_requests or stated.requests) / 60
            self._requests = _at_rate(self._requests, per_second, now)
            if stated.requests_left is not None:
                self._requests.set_left(stated.requests_left - in_flight)
        if stated.tokens is not None:
            per_second = min(stated.tokens, self._own_tokens or stated.tokens) / 60
            self._tokens = _at_rate(self._tokens, per_second, now)
            if stated.tokens_left is not None:
                self._tokens.set_left(stated.tokens_left - self._tokens_out)
        self._see_whether_free()

    def _see_whether_free(self) -> None:
        self.is_free = self._requests is None and self._tokens is None and self._learnt_bucket is None


def _at_rate(bucket: Bucket | None, per_second: float, now: float) -> Bucket:
    if bucket is None:
        return Bucket(per_second, now=now)
    if bucket.per_second != per_second:
        bucket.set_rate(per_second, now=now)
    return bucket
