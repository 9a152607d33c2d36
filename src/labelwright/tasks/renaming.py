"""A list of labels as it is written, and how it reads after a rename, a merge or a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.protocol import LabelEdit

ALL_EDITS: tuple[LabelEdit, ...] = ("rename", "merge", "split")
RENAME_ONLY: tuple[LabelEdit, ...] = ("rename",)


@dataclass(frozen=True, slots=True)
class FlatLabels:
    """Labels one beside the other.  edits: what may be done with them, where not all of it means something."""

    written: tuple[Json, ...]
    edits: tuple[LabelEdit, ...] = ALL_EDITS
    key: str = "value"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._name(one) for one in self.written)

    def _name(self, label: Json) -> str:
        return str(label[self.key] if isinstance(label, Mapping) else label)

    def changed(self, edit: LabelEdit, old: Sequence[str], new: Sequence[str]) -> list[Json]:
        check_edit(edit, old, new, self.names, self.edits)
        known, labels = self.names, list(self.written)
        first = known.index(old[0])
        if edit == "rename":
            if new[0] in known:
                raise InvalidValue("labels", f"there is a label {new[0]!r} already", "; merge the two instead")
            labels[first] = self._renamed(labels[first], new[0])
        elif edit == "merge":
            there = next((one for one in labels if self._name(one) == new[0]), new[0])
            kept = [one for one in labels if self._name(one) not in {*old, new[0]}]
            at = len([one for one in labels[:first] if self._name(one) not in {*old, new[0]}])
            labels = [*kept[:at], there, *kept[at:]]
        else:
            labels[first : first + 1] = [name for name in new if name not in known]
        return labels

    def restored(self, edit: LabelEdit, old: Sequence[str], new: Sequence[str], before: Sequence[Json]) -> list[Json]:
        known, labels = self.names, list(self.written)
        former = {self._name(one): one for one in before}
        made = [name for name in new if name not in former or name in old]
        missing = [name for name in made if name not in known]
        taken = [name for name in old if name in known and name not in new]
        if missing or taken:
            raise changed_since(missing or taken)
        back = [former[name] for name in old]
        if set(known) - set(made) == set(former) - set(old):
            order = list(former)
            kept = [one for one in labels if self._name(one) not in made]
            return sorted([*back, *kept], key=lambda one: order.index(self._name(one)))
        at = known.index(made[0]) if made else len(labels)
        labels = [*labels[:at], *back, *labels[at:]]
        labels = [one for one in labels if self._name(one) not in made or self._name(one) in old]
        return list({self._name(one): one for one in labels}.values())

    def _renamed(self, label: Json, name: str) -> Json:
        if not isinstance(label, Mapping):
            return name
        written = {**label, self.key: name}
        if isinstance(aliases := written.get("aliases"), list | tuple):
            written["aliases"] = [one for one in aliases if one != name]
        return written


def check_edit(
    edit: LabelEdit, old: Sequence[str], new: Sequence[str], known: Sequence[str], edits: Sequence[LabelEdit]
) -> None:
    """Refuse what cannot be meant. Raises InvalidValue, with what to do instead."""
    for name in old:
        if name not in known:
            raise InvalidValue("labels", f"there is no label {name!r}", did_you_mean(name, known))
    if edit not in edits:
        able = " and ".join(one + "d" for one in edits)
        raise InvalidValue("labels", f"{old[0]!r} cannot be part of a {edit}", f"; such names can only be {able}")
    if len(set(old)) != len(old) or len(set(new)) != len(new):
        raise InvalidValue("labels", "a label is named twice", "; name each once")
    if any(not name.strip() or name != name.strip() for name in new):
        raise InvalidValue("labels", "a new label is empty or has spaces around it", "; remove them")
    if edit == "rename":
        if len(old) != 1 or len(new) != 1:
            raise InvalidValue("labels", "a rename takes one label and its new name", ", such as: rename spam junk")
    elif edit == "merge":
        if len(new) != 1 or len({*old, *new}) < 2:
            hint = ", such as: merge good great --into good"
            raise InvalidValue("labels", "a merge takes two labels or more, and one that they become", hint)
    elif len(old) != 1 or len(new) < 2 or old[0] in new:
        problem = "a split takes one label, and two others or more that it becomes"
        hint = f": give each part a name of its own, so that what was called {old[0]!r} before is told apart"
        raise InvalidValue("labels", problem, hint)


def changed_since(names: Sequence[str]) -> InvalidValue:
    """Say that a change cannot be taken back, since these labels are not as it left them."""
    which = ", ".join(repr(name) for name in names)
    return InvalidValue("labels", f"the labels have changed since ({which})", "; change them in project.yaml instead")


def labels_at(settings: Mapping[str, Json], key: str, edits: tuple[LabelEdit, ...] = ALL_EDITS) -> FlatLabels:
    """Give the list under one setting; an empty one where it is not there."""
    written = settings.get(key)
    return FlatLabels(tuple(cast("Sequence[Json]", written)) if isinstance(written, list | tuple) else (), edits)


def renamed_list(stated: Json, moved: Mapping[str, Sequence[str]]) -> Json:
    """Give a list of labels under the names in force, each once."""
    if not isinstance(stated, list | tuple):
        return stated
    named = [moved.get(one, (one,)) if isinstance(one, str) else (one,) for one in stated]
    return list(dict.fromkeys(name for names in named for name in names))
