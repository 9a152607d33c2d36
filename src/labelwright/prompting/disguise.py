"""Texts that hide what they say from people and plain searches, read as a model would read them."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_TAGS = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]{2,}")  # after a black flag: a region
_TURNED = re.compile("[\u202d\u202e]")
_MIXED = re.compile("[A-Za-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][A-Za-z]")
_ALIKE = str.maketrans(
    "аеорсухкмтвніјѕԁԛԝɡһӏАВЕКМНОРСТУХІЈЅαοερτυινκχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxkmtbhijsdqwghlABEKMHOPCTYXIJSaoeptuivkxABEZHIKMNOPTYX",
)
_LEET = str.maketrans("013457@$", "oieastas")
_LEETED = re.compile(r"[013457@$](?<=[A-Za-z].)[013457@$]*[A-Za-z]")  # begins with what is rare: found sooner
_SPACED = re.compile(r"(?<!\w)(?:\w[ .\-_]){4,}\w(?!\w)")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_\-])[A-Za-z0-9+/_\-]{24,}={0,2}(?![A-Za-z0-9+/=])")
_HEX = re.compile(
    r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}[ :]?){16,}(?![0-9A-Fa-f])|(?:\\x[0-9A-Fa-f]{2}){8,}|(?:%[0-9A-Fa-f]{2}){8,}"
)
_LONGEST = 20_000


def has_unseen_text(text: str) -> bool:
    """Whether a text holds letters that are never shown, or turns its direction by force."""
    return not text.isascii() and (_TAGS.search(text) is not None or _TURNED.search(text) is not None)


def readings(text: str) -> Iterator[str]:
    """Give what else a text may say: each disguise it wears taken off. Nothing for a plain text."""
    if not text.isascii():
        plain = _INVISIBLE.sub("", text)
        tagged = "".join(chr(ord(c) - 0xE0000) for run in _TAGS.findall(text) for c in run)
        if tagged:
            yield tagged
        if _MIXED.search(plain):
            plain = plain.translate(_ALIKE)
        plain = unicodedata.normalize("NFKC", plain)
        if plain != text:
            yield plain
            text = plain
    lengths = list(map(len, text.split()))
    if _LEETED.search(text):
        yield text.translate(_LEET)
    may_be_spaced = lengths.count(1) >= 5 or text.count(".") + text.count("-") + text.count("_") >= 5
    if may_be_spaced and _SPACED.search(text):
        yield _SPACED.sub(lambda run: re.sub(r"[ .\-_]", "", run[0]), text)
        yield re.sub(r"(?<=\w) (?=\w(?: |$))", "", text)
    if "snoitcurtsni" in text or "tpmorp" in text:
        yield text[::-1]
    if "rot13" in text.lower() or "vafgehpgvba" in text.lower():
        yield codecs.encode(text, "rot13")
    if max(lengths, default=0) >= 24 or lengths.count(2) >= 16:
        yield from _decoded(text)


def _decoded(text: str) -> Iterator[str]:
    for match in _BASE64.finditer(text):
        run = match[0][:_LONGEST].rstrip("=").translate(str.maketrans("-_", "+/"))
        run = run[: len(run) - (len(run) % 4 == 1)]
        try:
            yield from _as_words(base64.b64decode(run + "=" * (-len(run) % 4)))
        except (binascii.Error, ValueError):
            continue
    for match in _HEX.finditer(text):
        digits = re.sub(r"[ :%]|\\x", "", match[0][:_LONGEST])
        yield from _as_words(bytes.fromhex(digits[: len(digits) - len(digits) % 2]))


def _as_words(found: bytes) -> Iterator[str]:
    """Give bytes as text where they are one: letters and spaces, mostly."""
    try:
        text = found.decode()
    except UnicodeDecodeError:
        return
    if " " in text and sum(c.isalpha() or c.isspace() for c in text) >= 0.8 * len(text):
        yield text
