"""What is recognised as personal data, each kind by its form and, where it has one, its checksum.

Names, postal addresses and what only a reader would understand are not recognised. A text that holds nothing of the
kind costs a few cheap looks: each recogniser is asked only where its gate opens.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from labelwright.prompting.privacy import checksums
from labelwright.prompting.privacy.cued import birth_dates, has_birth_cue, has_secret_cue, secrets

Finder: TypeAlias = Callable[[str], Iterator[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One kind of personal data. kind: as it stands in brackets.  find: (start, end) in code points."""

    kind: str
    find: Finder


_SEPARATED = re.compile(r"[^\w]|_")
_D0 = r"(?<!\d)(?<!\d[.,])"  # no digit before, nor a decimal point
_D1 = r"(?!\d)(?![.,]\d)"
_GAP = r"[\s\u00a0().\-/]{0,3}"


def _matching(pattern: str, *, valid: Callable[[str], bool] | None = None, group: int = 0, flags: int = 0) -> Finder:
    """Find a pattern whose characters, without separators, pass a check."""
    compiled = re.compile(pattern, flags)

    def find(text: str) -> Iterator[tuple[int, int]]:
        for match in compiled.finditer(text):
            if valid is None or valid(_bare(match[group])):
                yield match.span(group)

    return find


def _bare(text: str) -> str:
    """Leave separators out, and write digits of other scripts as ASCII."""
    bare = _SEPARATED.sub("", text)
    return bare if bare.isascii() else "".join(str(int(c)) if c.isdecimal() else c for c in bare)


_ISO_DATE = re.compile(r"\(?\d{1,4}[./\-]\d{1,2}[./\-]\d{1,4}(?!\d)")
_PHONES = (
    re.compile(rf"(?<![\w+])(?:\+|00){_GAP}[1-9](?:{_GAP}\d){{6,14}}(?!\d)"),
    re.compile(rf"(?<!\w)(?<![.,+]\d)(?<!\d[.,])\(?0[1-9](?:{_GAP}\d){{7,10}}(?!\d)"),
    re.compile(
        r"(?<![\w+])(?<![\w][.\-])(?:1[\s.\-])?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[.\-\s])[2-9]\d{2}[.\-\s]\d{4}(?![\w-])"
    ),
    re.compile(
        r"(?:\b(?:phone|tel|telephone|mobile|cell|call|text|fax|whatsapp|telefon|handy|mobil|tel[eé]fono|"
        r"t[eé]l[eé]phone|telefono|celular|ring|sms)\b[^\d\n]{0,16})(\(?\d(?:[\s\u00a0().\-/]{0,2}\d){6,13})(?!\d)",
        re.IGNORECASE,
    ),
)


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for place, pattern in enumerate(_PHONES):
        for match in pattern.finditer(text):
            group = 1 if place == 3 else 0
            if not _ISO_DATE.match(match[group]):
                start, end = match.span(group)
                alone = text[start] == "(" and ")" not in match[group]  # the bracket is the sentence's
                yield start + alone, end


_EMAIL = re.compile(
    r"[^\s@<>()\[\]{},;:\"`|\\/=]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@])"
    r"|(?<![\w.])[\w.+-]{1,64}\s?[\[(]\s?at\s?[\])]\s?[\w-]{1,63}(?:\s?(?:\.|[\[(]\s?dot\s?[\])])\s?[\w-]{2,63}){1,4}",
    re.IGNORECASE,
)
_URL_LOGIN = re.compile(
    r"[a-z][a-z0-9+.\-]{1,20}://[^\s/@:\[\]]{0,256}:[^\s/@\[\]]{1,256}@[^\s\[\]]{1,2048}", re.IGNORECASE
)
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ \-]?\d\d(?=[ \-]?[A-Za-z0-9])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?![\w:])")


def _emails(text: str) -> Iterator[tuple[int, int]]:
    for match in _EMAIL.finditer(text):
        start = match.start()
        while text[start] in ".-*!?'":  # "...bob@example.org": the dots are the sentence's
            start += 1
        yield start, match.end()


def _logins(text: str) -> Iterator[tuple[int, int]]:
    for match in _URL_LOGIN.finditer(text):
        yield match.start(), match.start() + len(match[0].rstrip(").,;!?'\""))


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    """Walk on from a country's letters for as long as its IBANs are: what follows may be words."""
    for match in _IBAN_START.finditer(text):
        length = checksums.IBAN_LENGTHS.get(match[0][:2].upper(), 0)
        bare: list[str] = []
        place = match.start()
        while place < len(text) and len(bare) < length:
            character = text[place]
            if character.isascii() and character.isalnum():
                bare.append(character)
            elif character not in " -\u00a0":
                break
            place += 1
        if length and len(bare) == length and checksums.iban("".join(bare)):
            yield match.start(), place


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    for match in _IPV4.finditer(text):
        parts = match[0].split(".")
        if all(int(part) <= 255 for part in parts) and parts[0] not in ("0", "127"):
            yield match.span()
    if text.count(":") >= 2:
        for match in _IPV6.finditer(text):
            if len(match[0]) >= 6 and any(c.isdigit() for c in match[0]) and _is_ipv6(match[0]):
                yield match.span()


def _is_ipv6(text: str) -> bool:
    try:
        return not ipaddress.IPv6Address(text).is_loopback
    except ValueError:
        return False


_UPPER = r"[A-Za-z]"
_NUMBERS = (
    Recogniser("CARD", _matching(rf"{_D0}\d(?:[ \-\u00a0]?\d){{12,18}}{_D1}", valid=checksums.card)),
    Recogniser(
        "SSN",
        _matching(rf"(?<![\w\-])\d{{3}}([\- ])\d{{2}}\1\d{{4}}(?![\w\-]){_D1}", valid=checksums.us_ssn),
    ),
    Recogniser(
        "SSN",
        _matching(
            r"(?:\bssn\b|social security)[^\d\n]{0,20}(\d{9})(?!\d)",
            valid=checksums.us_ssn,
            group=1,
            flags=re.IGNORECASE,
        ),
    ),
    Recogniser(
        "NINO",
        _matching(
            r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)",
            valid=checksums.uk_nino,
            flags=re.IGNORECASE,
        ),
    ),
    Recogniser("ID", _matching(rf"{_D0}\d{{2}} ?\d{{3}} ?\d{{3}} ?\d{{3}}{_D1}", valid=checksums.german_tax_id)),
    Recogniser("ID", _matching(r"(?<!\w)(?:\d{8}|[XYZxyz]-?\d{7})[- ]?[A-Za-z](?!\w)", valid=checksums.spanish_dni)),
    Recogniser(
        "ID",
        _matching(
            rf"{_D0}[12] ?\d\d ?[0-9]\d ?(?:\d\d|2[ABab]) ?\d{{3}} ?\d{{3}} ?\d\d{_D1}", valid=checksums.french_nir
        ),
    ),
    Recogniser("ID", _matching(rf"{_D0}\d{{11}}{_D1}", valid=checksums.polish_pesel)),
    Recogniser("ID", _matching(rf"(?<![\d\-]){_D0}\d{{6}}[\-+]\d{{4}}(?![\-]){_D1}", valid=checksums.swedish_number)),
    Recogniser("ID", _matching(rf"{_D0}\d{{3}}\.\d{{3}}\.\d{{3}}-\d\d{_D1}", valid=checksums.brazilian_cpf)),
    Recogniser("ID", _matching(rf"{_D0}\d{{4}}([ \-])\d{{4}}\1\d{{4}}{_D1}", valid=checksums.indian_aadhaar)),
    Recogniser("ID", _matching(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)", valid=checksums.chinese_id)),
    Recogniser("PHONE", _phones),
)
_CODICE = Recogniser(
    "ID",
    _matching(
        rf"(?<!\w){_UPPER}{{6}}\d\d[ABCDEHLMPRSTabcdehlmprst]\d\d{_UPPER}\d{{3}}{_UPPER}(?!\w)",
        valid=checksums.italian_codice,
    ),
)
_EMAILS = Recogniser("EMAIL", _emails)
_LOGINS = Recogniser("URL", _logins)
_IBANS = Recogniser("IBAN", _ibans)
_ADDRESSES = Recogniser("IP", _addresses)
_BIRTHS = Recogniser("BIRTHDATE", birth_dates)
_SECRETS = Recogniser("SECRET", secrets)

KINDS = ("EMAIL", "PHONE", "CARD", "IBAN", "IP", "URL", "SSN", "NINO", "ID", "BIRTHDATE", "SECRET")

_SPELT_AT = re.compile(r"[\[(]\s?at\s?[\])]", re.IGNORECASE)
_MANY_DIGITS = re.compile(r"\d(?:[^\w\n]{0,3}\d){5}")
_DIGIT = re.compile(r"\d")
_MIXED = re.compile(r"[A-Za-z]{2}[ \-]?\d\d")


def recognisers_for(text: str) -> Iterator[Recogniser]:
    """Give the recognisers that may find something in a text."""
    if "@" in text or _SPELT_AT.search(text):
        yield _EMAILS
    if "://" in text:
        yield _LOGINS
    lowered = text.lower()
    if has_secret_cue(text, lowered):
        yield _SECRETS
    if text.count(":") >= 2:
        yield _ADDRESSES
    if not _DIGIT.search(text):
        return
    if _MANY_DIGITS.search(text):
        yield from _NUMBERS
    if _MIXED.search(text):
        yield _IBANS
        yield _CODICE
    if text.count(".") >= 3 and text.count(":") < 2:
        yield _ADDRESSES
    if has_birth_cue(lowered):
        yield _BIRTHS
