"""Secrets do not belong in files: what looks like one is refused, and shown nowhere."""

from __future__ import annotations

import re

_KEY_PREFIX = re.compile(r"(sk|pk|gsk|rk|hf|xai|ghp|r8|nvapi|AIza|AKIA|Bearer)[-_A-Za-z0-9 ]{12,}")


def looks_like_key(value: str) -> bool:
    """Guess whether a text is a secret: a known prefix, or long and without the pauses words have.

    >>> looks_like_key("sk-proj-abcdefghijkl1234"), looks_like_key("OPENAI_API_KEY"), looks_like_key("reviews")
    (True, False, False)
    """
    if _KEY_PREFIX.match(value):
        return True
    dense = re.search(r"[A-Za-z0-9+/=]{20,}", value)
    return bool(dense and re.search(r"[0-9]", dense[0]) and re.search(r"[A-Za-z]", dense[0]))


def shown(value: object) -> str:
    """Write a value into a message: short, and never when it looks like a secret."""
    text = str(value)
    if looks_like_key(text):
        return "(a value not shown: it looks like a key)"
    return repr(value) if len(text) <= 60 else f"{text[:57]!r}..."
