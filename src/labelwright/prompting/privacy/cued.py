"""What the words before it give away, dates of birth and passwords; and keys, by their first letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|janv|févr|avril|juin|juil|août|ene|abr|ago|"
    r"dic|gen|mag|giu|lug|set|ott)[^\W\d_]{0,7}\.?"
)
_BIRTH = re.compile(
    r"(?:\bborn(?:\s+on)?|\bdate\s+of\s+birth|\bd\.?o\.?b\b\.?|\bbirth\s?da(?:y|te)|\bgeboren(?:\s+am)?|\bgeb\.|"
    r"\bgeburts(?:datum|tag)|\bnée?\s+le|\bdate\s+de\s+naissance|\bnacid[oa]\s+el|\bfecha\s+de\s+nacimiento|"
    r"\bnat[oa]\s+il|\bdata\s+di\s+nascita)"
    r"(?:\s+(?:is|was|ist|war|est|es|on|am|the))*[\s:=,(\"'\-]{0,6}"
    rf"(\d{{1,4}}[./\-]\s?\d{{1,2}}[./\-]\s?\d{{1,4}}|\d{{1,2}}(?:st|nd|rd|th)?\.?\s+(?:of\s+|de\s+)?{_MONTH}"
    rf"(?:,?\s+(?:de\s+)?\d{{4}})?|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?)(?!\d)",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-[A-Za-z0-9_\-]{16,}"
    r"|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{16,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|AIza[0-9A-Za-z_\-]{35}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|glpat-[A-Za-z0-9_\-]{16,}|xox[abeprs]-[A-Za-z0-9\-]{10,}"
    r"|hf_[A-Za-z0-9]{20,}|gsk_[A-Za-z0-9]{20,}|xai-[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}|nvapi-[A-Za-z0-9_\-]{20,}"
    r"|SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}"
    r"|eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}"
    r")"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.{0,8000}?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_CUED = re.compile(
    r"(?:pass(?:word|wort|code|phrase)|passwd|\bpwd|api[-_ ]?key|secret(?:[-_ ]key)?|access[-_ ]?(?:key|token)"
    r"|auth(?:orization)?[-_ ]?token|\btoken|bearer)"
    r"[\"']?(?:\s+(?:is|was|ist|lautet)\s+|\s*[:=]{1,2}>?\s*|\s+(?=[A-Za-z0-9_\-.]{16}))(?:bearer\s+)?[\"']?"
    r"(?!\[[A-Z]+[_\]])([^\s\"'<>\[\],;]{6,4096})",
    re.IGNORECASE,
)
_PREFIXES = (
    "sk-", "_live_", "_test_", "AKIA", "ASIA", "AIza", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
    "xox", "hf_", "gsk_", "xai-", "npm_", "nvapi-", "SG.", "eyJ", "PRIVATE KEY",
)  # fmt: skip
_PREFIX = re.compile("|".join(map(re.escape, _PREFIXES)))


def has_birth_cue(lowered: str) -> bool:
    """Whether a text may speak of a day of birth: a cheap look."""
    return (
        "born" in lowered
        or "birth" in lowered
        or "geb" in lowered
        or "dob" in lowered
        or "d.o.b" in lowered
        or "do.b" in lowered
        or "d.ob" in lowered
        or "né" in lowered
        or "naci" in lowered
        or "naissance" in lowered
        or "nat" in lowered
        or "nascita" in lowered
    )


def birth_dates(text: str) -> Iterator[tuple[int, int]]:
    """Find dates that are said to be somebody's day of birth; the date alone."""
    for match in _BIRTH.finditer(text):
        yield match.span(1)


def has_secret_cue(text: str, lowered: str) -> bool:
    """Whether a text may hold a key or a password: a cheap look."""
    return (
        "pass" in lowered
        or "pwd" in lowered
        or "api" in lowered
        or "secret" in lowered
        or "token" in lowered
        or "bearer" in lowered
        or "access" in lowered
        or _PREFIX.search(text) is not None
    )


def secrets(text: str) -> Iterator[tuple[int, int]]:
    """Find keys by their known forms, and what a cue word calls a password where it looks like one."""
    for match in _KEY.finditer(text):
        yield match.span()
    for match in _CUED.finditer(text):
        value = match[1].rstrip(".!?)")
        classes = [any(map(test, value)) for test in (str.isdigit, str.isalpha)] + [not value.isalnum()]
        if len(value) >= 6 and sum(classes) >= 2:
            yield match.start(1), match.start(1) + len(value)
