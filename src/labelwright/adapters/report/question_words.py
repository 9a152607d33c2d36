"""What stands beside a question's certificate, in words: why there is none, and what the audit found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def why_not_certified(question: Mapping[str, Any], *, has_model: bool) -> str:
    """Say why nothing is certified, without a full stop.

    >>> why_not_certified({"is_void": False}, has_model=False)
    'project.yaml names no model, so everything goes to people'
    """
    if not has_model:
        return "project.yaml names no model, so everything goes to people"
    if question["is_void"]:
        why = "; ".join(question.get("void_because") or ["what it was bound to has changed"])
        return f"the certificate is void: {why}; calibrate anew"
    return "the blind sample is not drawn, or not fully labelled"


def audit_sentence(audit: Mapping[str, Any], *, target_error: float) -> str:
    """Say what the blind audit found, and what that means for the limit.

    target_error: the certificate's; what it allows among the accepted alone, the audit knows better.
    """
    n, wrong, low, high = audit["n_checked"], audit["n_wrong"], audit["low"], audit["high"]
    allowed = audit.get("target_error", target_error)
    limit = f"the limit of {_percent(allowed)}"
    found = (
        f"Blind audit: {wrong:,} of {n:,} checked accepted labels were wrong "
        f"({_percent(low)} to {_percent(high)} at {_percent(audit.get('level', 0.95))})"
    )
    if allowed >= 1:
        return f"{found}. The certificate limits what errors weigh, not how many there are."
    if audit["breaks_target"]:
        return f"{found}: more than {limit}. Do not use the accepted labels before you know why."
    if wrong / n > allowed:
        return f"{found}: more than {limit} in this small sample, which chance alone may do; no proof against it."
    return f"{found}: in keeping with {limit}."


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%".replace(".0%", "%")
