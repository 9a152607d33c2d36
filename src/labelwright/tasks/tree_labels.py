"""A tree of labels as it is written, and how it reads after places were renamed, moved, merged or split.

A place is named by its path from the top, `animal > dog`. What is below a place goes where it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.protocol import LabelEdit
from labelwright.tasks.renaming import ALL_EDITS, changed_since, check_edit
from labelwright.tasks.tree import SEPARATOR

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelTree:
    """Labels below one another.  leaf_only: whether a place that has others below it is no answer."""

    written: tuple[Json, ...]
    leaf_only: bool = True
    edits: tuple[LabelEdit, ...] = ALL_EDITS

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(SEPARATOR.join(path) for path in _paths(_read(self.written), ()))

    def changed(self, edit: LabelEdit, old: Sequence[str], new: Sequence[str]) -> list[Json]:
        check_edit(edit, old, new, self.names, self.edits)
        top = _read(self.written)
        paths, targets = [path_of(name) for name in old], [path_of(name) for name in new]
        if edit == "split":
            self._split(top, paths[0], targets)
        else:
            if edit == "rename" and new[0] in self.names:
                raise InvalidValue("labels", f"there is a place {new[0]!r} already", "; merge the two instead")
            _merge(top, paths, targets[0])
        return _written(top)

    def restored(self, edit: LabelEdit, old: Sequence[str], new: Sequence[str], before: Sequence[Json]) -> list[Json]:
        former = LabelTree(tuple(before), self.leaf_only)
        if list(self.written) == former.changed(edit, old, new):
            return list(before)
        if edit == "rename" and new[0] in self.names and old[0] not in self.names:
            return self.changed(edit, new, old)
        raise changed_since(new)

    def _split(self, top: list[_Place], old: Path, parts: Sequence[Path]) -> None:
        place = _find(top, old)
        if place.below:
            problem = f"{SEPARATOR.join(old)!r} has others below it, which say more already"
            raise InvalidValue("labels", problem, "; split one that has none")
        stays = any(part[: len(old)] == old for part in parts)
        if stays and not self.leaf_only:
            problem = f"{SEPARATOR.join(old)!r} stays an answer when places come below it (leaf_only: false)"
            raise InvalidValue("labels", problem, "; add them in project.yaml, or name parts beside it")
        beside = _below(top, old[:-1])
        at = beside.index(place)
        for part in parts:
            around = _below(top, part[:-1])
            if any(one.name == part[-1] for one in around):
                continue
            if around is beside:
                at += 1
                beside.insert(at, _Place(part[-1], part[-1]))
            else:
                around.append(_Place(part[-1], part[-1]))
        if not stays:
            beside.remove(place)


@dataclass(eq=False, slots=True)
class _Place:
    """One place while the tree is changed.  entry: as it is written, without what is below it."""

    name: str
    entry: Json
    below: list[_Place] = field(default_factory=list["_Place"])


def path_of(name: str) -> Path:
    """Give the path that a name stands for."""
    return tuple(name.split(SEPARATOR))


def moved_path(path: Path, names: Mapping[str, str]) -> Path:
    """Give where a path leads after places were renamed or moved: the longest of them that it begins with counts."""
    for n in range(len(path), 0, -1):
        to = names.get(SEPARATOR.join(path[:n]))
        if to is not None:
            return (*path_of(to), *path[n:])
    return path


def _merge(top: list[_Place], old: Sequence[Path], into: Path) -> None:
    """Put these places at one; a rename is a merge of one."""
    for path in old:
        if len(into) > len(path) and into[: len(path)] == path:
            problem = f"{SEPARATOR.join(path)!r} cannot go below itself"
            raise InvalidValue("labels", problem, "; give it another place")
    places = {path: _find(top, path) for path in old}
    around = _below(top, into[:-1])
    target = next((one for one in around if one.name == into[-1]), None)
    if target is None:
        target = places[old[0]]
        home = _below(top, old[0][:-1])
        at = home.index(target)
        home.remove(target)
        around.insert(at if home is around else len(around), target)
        _rename(target, into[-1])
    # Deepest first, so that a place below another is taken out before the other is.
    for path in sorted(old, key=len, reverse=True):
        place = places[path]
        if place is target:
            continue
        home = next(siblings for siblings in _lists(top) if place in siblings)
        home.remove(place)
        _join(target, place.below)


def _join(target: _Place, below: Sequence[_Place]) -> None:
    for one in below:
        same = next((other for other in target.below if other.name == one.name), None)
        if same is None:
            target.below.append(one)
        else:
            _join(same, one.below)


def _rename(place: _Place, name: str) -> None:
    place.name = name
    place.entry = {**place.entry, "value": name} if isinstance(place.entry, Mapping) else name


def _read(written: Sequence[Json]) -> list[_Place]:
    found: list[_Place] = []
    for one in written:
        if isinstance(one, Mapping):
            below = _read(cast("Sequence[Json]", one.get("children") or ()))
            entry = {key: value for key, value in one.items() if key != "children"}
            found.append(_Place(str(one["value"]), entry, below))
        else:
            found.append(_Place(str(one), one))
    return found


def _written(places: Sequence[_Place]) -> list[Json]:
    found: list[Json] = []
    for place in places:
        entry = place.entry
        if place.below:
            plain = dict(entry) if isinstance(entry, Mapping) else {"value": place.name}
            entry = {**plain, "children": _written(place.below)}
        found.append(entry)
    return found


def _paths(places: Sequence[_Place], above: Path) -> Iterator[Path]:
    for place in places:
        path = (*above, place.name)
        yield path
        yield from _paths(place.below, path)


def _lists(places: list[_Place]) -> Iterator[list[_Place]]:
    yield places
    for place in places:
        yield from _lists(place.below)


def _below(top: list[_Place], path: Path) -> list[_Place]:
    return _find(top, path).below if path else top


def _find(top: list[_Place], path: Path) -> _Place:
    around, found = top, None
    for name in path:
        found = next((one for one in around if one.name == name), None)
        if found is None:
            problem = f"there is no place {SEPARATOR.join(path)!r} to put it below"
            raise InvalidValue("labels", problem, did_you_mean(name, [one.name for one in around]))
        around = found.below
    assert found is not None  # noqa: S101 - a path has a name at least
    return found
