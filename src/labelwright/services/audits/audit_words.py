"""What an audit has found, in plain words."""

from __future__ import annotations


def audit_in_words(
    *,
    n_checked: int,
    n_wrong: int,
    n_population: int,
    interval: tuple[float, float] | None,
    target_error: float,
    level: float,
    alarm_at: int | None,
    n_not_blind: int = 0,
) -> str:
    """Say what is known of the accepted labels, and what it means for the limit.

    target_error: the share that may be wrong; 1 = the certificate limits none.
    interval: the share of wrong ones; None = nothing is checked.  alarm_at: the answer at which the alarm rang.
    n_not_blind: answered only by people who had seen a label of the item.

    >>> audit_in_words(n_checked=60, n_wrong=2, n_population=900, interval=(0.006, 0.09), target_error=0.1, level=0.95,
    ...     alarm_at=None)
    '2 of 60 accepted labels that people checked blind were wrong. Of all 900, between 0.6% and 9% are, with 95% \
confidence, however often one looks. That is within the limit of 10%.'
    """
    found = _found(n_checked, n_wrong, n_population, interval, target_error, level, alarm_at)
    if not n_not_blind:
        return found
    return (
        f"{found} {n_not_blind:,} more were answered by people who had seen a label of the item: not blind, these "
        "count as not checked."
    )


def _found(  # noqa: PLR0917 - as they are named above
    n_checked: int,
    n_wrong: int,
    n_population: int,
    interval: tuple[float, float] | None,
    target_error: float,
    level: float,
    alarm_at: int | None,
) -> str:
    limit = f"the limit of {_percent(target_error)}"
    if not n_population:
        return "Nothing is accepted any more: everything was recalled, and waits for people."
    if interval is None:
        return f"None of the accepted labels is checked yet: nothing is known about {limit}."
    low, high = interval
    seen = (
        f"{n_wrong:,} of {n_checked:,} accepted labels that people checked blind were wrong. Of all {n_population:,}, "
        f"between {_percent(low)} and {_percent(high)} are, with {_percent(level)} confidence, however often one looks."
    )
    if target_error >= 1:
        return f"{seen} The certificate limits what errors weigh, not how many there are."
    if alarm_at is not None:
        return f"{seen} ALARM: that is more than {limit}, and has been known since answer {alarm_at:,}."
    if high <= target_error:
        return f"{seen} That is within {limit}."
    return f"{seen} No proof that {limit} is broken, and none yet that it is kept."


def method_in_words(n_batches: int) -> str:
    """Name the method of the interval."""
    over = "" if n_batches <= 1 else f", over {n_batches} batches drawn at rates of their own"
    return f"beta-mixture confidence sequence, without replacement from the accepted{over}"


def inclusion_in_words(n_batches: int) -> str:
    """Name the design of the sample."""
    if n_batches <= 1:
        return "simple random, without replacement"
    return f"simple random, without replacement, within each of {n_batches} batches"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%".replace(".0%", "%")
