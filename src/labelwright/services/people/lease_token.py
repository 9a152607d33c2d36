"""A claim as the caller sees it: one opaque word.

The number of an entry would tell which draw it came from (calibration, audit and review entries are numbered in
blocks), so callers never see it: B2, checks look like any other entry. In another person's hands it is worthless.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from labelwright.domain.ids import AnnotatorId, EntryId, ProjectId
from labelwright.domain.project import Display

_FORM = struct.Struct(">QIBf")
_OLDER_FORM = struct.Struct(">QI?")  # an answer may wait in an outbox while the server is upgraded
_DISPLAYS: Final[tuple[Display, ...]] = ("hidden", "shown", "prefilled", "after_choice", "judge")
_TAG_BYTES = 8


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says. display: how the entry went out.  probability: with which that was drawn; None = by rule."""

    entry: EntryId
    fence: int
    display: Display
    probability: float | None = None


def seal(project: ProjectId, annotator: AnnotatorId, claim: Claim) -> str:
    """Write a claim as a word that tells nothing; equal claims, equal words.

    >>> token = seal(ProjectId("p"), AnnotatorId("ann"), Claim(EntryId(7), 2, "shown", 0.5))
    >>> unseal(ProjectId("p"), AnnotatorId("ann"), token)
    Claim(entry=7, fence=2, display='shown', probability=0.5)
    >>> unseal(ProjectId("p"), AnnotatorId("bob"), token) is None
    True
    """
    plain = _FORM.pack(claim.entry, claim.fence, _DISPLAYS.index(claim.display), claim.probability or 0.0)
    tag = _tag(project, annotator, plain)
    return _word(tag + _masked(project, tag, plain))


def unseal(project: ProjectId, annotator: AnnotatorId, token: str) -> Claim | None:
    """Read a token of this person in this project; None for any other word."""
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    # Python's reader passes over what is no letter of the alphabet; one claim must have one word.
    if len(sealed) - _TAG_BYTES not in (_FORM.size, _OLDER_FORM.size) or _word(sealed) != token:
        return None
    tag = sealed[:_TAG_BYTES]
    plain = _masked(project, tag, sealed[_TAG_BYTES:])
    if not hmac.compare_digest(tag, _tag(project, annotator, plain)):
        return None
    if len(plain) == _OLDER_FORM.size:
        entry, fence, shown = _OLDER_FORM.unpack(plain)
        return Claim(EntryId(entry), fence, _DISPLAYS[int(shown)])
    entry, fence, display, probability = _FORM.unpack(plain)
    return Claim(EntryId(entry), fence, _DISPLAYS[int(display)], round(probability, 6) or None)


def _word(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _tag(project: ProjectId, annotator: AnnotatorId, plain: bytes) -> bytes:
    message = annotator.encode() + b"\0" + plain
    return hashlib.blake2b(message, key=_key(project), digest_size=_TAG_BYTES, person=b"lease-tag").digest()


def _masked(project: ProjectId, tag: bytes, text: bytes) -> bytes:
    mask = hashlib.blake2b(tag, key=_key(project), digest_size=len(text), person=b"lease-mask").digest()
    return bytes(a ^ b for a, b in zip(mask, text, strict=True))


def _key(project: ProjectId) -> bytes:
    # A project's id is unguessable and never leaves the server; annotators know its name.
    return hashlib.blake2b(project.encode(), digest_size=32).digest()
