"""What of an item may leave this machine, by the project's rules: before anything else sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from labelwright.domain.canonical import Json
from labelwright.domain.project import Privacy
from labelwright.prompting.privacy.align import Piece, origin_of
from labelwright.prompting.privacy.find import find, replace_found
from labelwright.prompting.privacy.json_text import ProtectedJson, json_text
from labelwright.prompting.privacy.pseudonyms import Pseudonyms, put_back
from labelwright.tasks.protocol import Shown


@dataclass(frozen=True, slots=True)
class PersonalDatum:
    """Where personal data stands in an item's own field: code points of its text, or of its JSON if it is no text."""

    field: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Protected:
    """An item as it may be shown to a model.

    content: of the fields asked for, those that may leave, with personal data replaced; empty when blocked.
    found: what was recognised, in the item's own coordinates.  reason: why nothing of the item may be sent; None = it
    may. shown: the texts as shown, and where each place of them came from.
    originals: pseudonym -> what it stands for. It is kept nowhere: made anew from the item, it never leaves.
    """

    content: Mapping[str, Json]
    found: tuple[PersonalDatum, ...]
    reason: str | None
    shown: Shown
    originals: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def blocked(self) -> bool:
        """Whether nothing of the item may be sent: it goes to people."""
        return self.reason is not None

    def restore(self, text: str) -> str:
        """Put back what pseudonyms stand for, in a text a model wrote. Give it texts that were read from JSON."""
        return put_back(text, self.originals)

    def restore_value(self, value: Json) -> Json:
        """Put back what pseudonyms stand for, in every text of a JSON value."""
        if not self.originals:
            return value
        if isinstance(value, str):
            return self.restore(value)
        if isinstance(value, Mapping):
            return {self.restore(name): self.restore_value(one) for name, one in value.items()}
        if isinstance(value, Sequence):
            return [self.restore_value(one) for one in value]
        return value


def may_leave(fields: Sequence[str], privacy: Privacy) -> tuple[str, ...]:
    """Give, of the fields, those a model may be shown."""
    if not privacy.never_leaves:
        return tuple(fields)
    return tuple(name for name in fields if name not in privacy.never_leaves)


def protect(content: Mapping[str, Json], privacy: Privacy, *, fields: Sequence[str], key: bytes) -> Protected:
    """Apply the project's rules to an item.

    fields: those a prompt would show; nothing else is kept, and of them none that never leaves.
    key: makes pseudonyms the same in all items of the project; b"" = numbered within the item.
    """
    allowed = may_leave(fields, privacy)
    kept: dict[str, Json] = {name: content[name] for name in allowed if name in content}
    if len(allowed) < len(fields) and all(value in (None, "") for value in kept.values()):
        return _blocked("every field with content is in privacy.never_leaves", ())
    if privacy.pii == "off":
        return Protected(kept, (), None, Shown({name: _text(value) for name, value in kept.items()}))
    names = Pseudonyms(key, taken=partial(_holds, kept))
    write = _write_kind if privacy.pii == "redact" else names.of
    found: list[PersonalDatum] = []
    protected: dict[str, Json] = {}
    texts: dict[str, str] = {}
    pieces: dict[str, Sequence[Piece]] = {}
    for name, value in kept.items():
        try:
            one = _field(value, write)
        except RecursionError:
            return _blocked(f"field {name!r} is nested too deeply to be searched for personal data", ())
        protected[name], texts[name] = one.value, one.text
        if one.found:
            pieces[name] = one.pieces
            found += [PersonalDatum(name, start, end, kind) for start, end, kind in one.found]
    if found and privacy.pii == "block":
        kinds = ", ".join(dict.fromkeys(datum.kind.lower() for datum in found))
        return _blocked(f"it holds personal data ({kinds}), and privacy.pii is block", tuple(found))
    origin = partial(_origin, pieces) if pieces else _same_place
    return Protected(protected, tuple(found), None, Shown(texts, origin), names.originals)


def through(later: Shown, earlier: Shown) -> Shown:
    """Compose two steps, such as a cut after replacement: `later` was made from what `earlier` shows."""

    def origin(field: str, start: int, end: int) -> tuple[int, int]:
        return earlier.origin(field, *later.origin(field, start, end))

    return Shown(later.texts, origin)


@dataclass(frozen=True, slots=True)
class _Field:
    value: Json
    text: str
    pieces: Sequence[Piece] = ()
    found: Sequence[tuple[int, int, str]] = ()


def _field(value: Json, write: Callable[[str, str], str]) -> _Field:
    if isinstance(value, str):
        found = find(value)
        if not found:
            return _Field(value, value)
        shown, pieces = replace_found(value, found, lambda one: write(one.kind, value[one.start : one.end]))
        return _Field(shown, shown, pieces, [(one.start, one.end, one.kind) for one in found])
    if value is None or isinstance(value, bool):
        return _Field(value, _text(value))
    walked = ProtectedJson(write)
    protected = walked.value(value)
    return _Field(protected, _text(protected), walked.pieces, [(one.start, one.end, one.kind) for one in walked.found])


def _blocked(reason: str, found: tuple[PersonalDatum, ...]) -> Protected:
    return Protected({}, found, reason, Shown({}))


def _write_kind(kind: str, _value: str) -> str:
    return f"[{kind}]"


def _holds(content: Mapping[str, Json], text: str) -> bool:
    return any(text in _text(value) for value in content.values())


def _origin(pieces: Mapping[str, Sequence[Piece]], field: str, start: int, end: int) -> tuple[int, int]:
    of_field = pieces.get(field)
    return (start, end) if of_field is None else origin_of(of_field, start, end)


def _same_place(_field: str, start: int, end: int) -> tuple[int, int]:
    return start, end


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json_text(value)
