"""Choose a place in a tree of labels: the path from a root down to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.protocol import Ballots, Labels, Posterior, Shown
from labelwright.tasks.read_settings import check_known, list_of, read_flag, read_share, shown
from labelwright.tasks.tree import SEPARATOR, Node, read_tree, tree_schema
from labelwright.tasks.tree_labels import LabelTree, moved_path, path_of

Path: TypeAlias = tuple[str, ...]
_TREE = "tree"
_STOP = 0
"""The option that says: no deeper than this."""


@dataclass(frozen=True)
class TaxonomyTask:
    """One unit per level of the tree; a value is the path of names from a root to the chosen place.

    leaf_only: whether a place that has others below it is no answer.
    """

    roots: tuple[Node, ...]
    leaf_only: bool = True
    tolerance: float = 0.0
    name: str = "labelwright/taxonomy"

    @cached_property
    def places(self) -> tuple[tuple[Path, Node], ...]:
        """Give every place with its path, each before those below it."""
        return tuple(_walked(self.roots, ()))

    @cached_property
    def answers(self) -> tuple[Path, ...]:
        """Give the paths that may be chosen."""
        return tuple(path for path, node in self.places if not (self.leaf_only and node.children))

    @cached_property
    def _option(self) -> Mapping[Path, int]:
        return {path: 1 + at for at, (path, _) in enumerate(self.places)}

    @cached_property
    def _allowed(self) -> frozenset[Path]:
        return frozenset(self.answers)

    @cached_property
    def _below(self) -> Mapping[Path, tuple[Path, ...]]:
        roots = {(): tuple((node.value,) for node in self.roots)}
        return roots | {path: tuple((*path, one.value) for one in node.children) for path, node in self.places}

    @cached_property
    def _said(self) -> Mapping[str, Path]:
        """Everything a model may call a place: its path, and a name that only one place has."""
        names = Counter(path[-1] for path in self.answers)
        alone = {path[-1]: path for path in self.answers if names[path[-1]] == 1}
        return alone | {SEPARATOR.join(path): path for path in self.answers}

    def check_place(self, name: str) -> None:
        paths = [path for path, _ in self.places]
        if SEPARATOR in name:
            if name not in (written := [SEPARATOR.join(path) for path in paths]):
                ends = [one for one in written if one.endswith(SEPARATOR + name.rsplit(SEPARATOR, maxsplit=1)[-1])]
                hint = f"; did you mean {ends[0]!r}?" if ends else did_you_mean(name, written)
                raise InvalidValue("", f"{shown(name)} is no path of the taxonomy", hint)
            return
        having = [SEPARATOR.join(path) for path in paths if path[-1] == name]
        if not having:
            problem = f"{shown(name)} is no place of the taxonomy"
            raise InvalidValue("", problem, did_you_mean(name, [path[-1] for path in paths]))
        if len(having) > 1:
            problem = f"{shown(name)} could be each of {', '.join(map(repr, having))}"
            raise InvalidValue("", problem, f"; write the path that is meant{_beside_the_top(having)}")

    @property
    def depth(self) -> int:
        """Give the number of levels."""
        return max(len(path) for path, _ in self.places)

    def parse(self, raw: object) -> Path:
        names = list_of(raw, "names from a root down", most=100)
        path: Path = ()
        for place, name in enumerate(names):
            below = self._below[path]
            found = next((one for one in below if one[-1] == name), None)
            if found is None:
                here = SEPARATOR.join(path) or "the top"
                hint = did_you_mean(name, [one[-1] for one in below]) if below else "; nothing is below it"
                raise InvalidValue(f"[{place}]", f"{shown(name)} is not below {here}", hint)
            path = found
        if path not in self._allowed:
            problem = f"{shown(SEPARATOR.join(path))} has others below it" if path else "the path is empty"
            raise InvalidValue("", problem, "; go down to one that has none" if path else "; begin at the top")
        return path

    def dump(self, value: Path) -> Json:
        return list(value)

    def check_item(self, value: Path, content: Mapping[str, Json]) -> None:
        """Any place may be any item's."""

    def answer_schema(self) -> dict[str, Json]:
        return {"type": "string", "enum": [SEPARATOR.join(path) for path in self.answers]}

    def read_answer(self, raw: object, shown: Shown) -> Path:
        if isinstance(raw, str):
            if raw not in self._said:
                raise InvalidValue("", f"{raw[:80]!r} is no path of the taxonomy", did_you_mean(raw, self._said))
            return self._said[raw]
        return self.parse(raw)

    def write_answer(self, value: Path, shown: Shown) -> Json:
        return SEPARATOR.join(value)

    def describe(self) -> str:
        rows = [
            "  " * (len(path) - 1) + f"- {path[-1]}" + (f": {node.description}" if node.description else "")
            for path, node in self.places
        ]
        how = "the most specific place that fits" if self.leaf_only else "one place, as specific as the item allows"
        return f"Choose {how}, written as its path from the top, the names joined by {SEPARATOR!r}:\n" + "\n".join(rows)

    def decompose(self, values: Sequence[Path]) -> Ballots:
        """Vote level by level: for the place there, or against going deeper."""
        n = len(values)
        unit = [level for _ in range(n) for level in range(self.depth)]
        annotator = [voter for voter in range(n) for _ in range(self.depth)]
        option = [
            self._option[value[: level + 1]] if level < len(value) else _STOP
            for value in values
            for level in range(self.depth)
        ]
        # Which places a level has depends on the one above it, so that nothing is learnt about options by themselves.
        return Ballots(unit, annotator, option, self.depth, 1 + len(self.places), option_space="local")

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> Path:
        """Go down from the top to where most voted among the places below, or to stay; a tie stays."""
        path: Path = ()
        for level in posterior:
            ways: list[Path] = [*([path] if path in self._allowed else []), *self._below[path]]
            if not self._below[path]:
                break
            weights = np.asarray([level[_STOP if way == path else self._option[way]] for way in ways], dtype=float)
            chosen = ways[int(np.argmax(weights))]
            if chosen == path:
                break
            path = chosen
        return path

    def distance(self, a: Path, b: Path) -> float:
        """Give 1 less the share of the two paths that they have in common: 2 |shared| / (|a| + |b|)."""
        shared = 0
        for one, other in zip(a, b, strict=False):
            if one != other:
                break
            shared += 1
        return 1.0 - 2.0 * shared / (len(a) + len(b))

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


class Taxonomy:
    """The task type."""

    name = "labelwright/taxonomy"
    alias = "taxonomy"

    def label_lists(self, settings: Mapping[str, Json]) -> Mapping[str, Labels]:
        written = settings.get(_TREE)
        places = tuple(cast("Sequence[Json]", written)) if isinstance(written, list | tuple) else ()
        return {_TREE: LabelTree(places, read_flag(settings, "leaf_only", default=True))}

    def with_labels(
        self, settings: Mapping[str, Json], among: str, written: Sequence[Json], moved: Mapping[str, Sequence[str]]
    ) -> dict[str, Json]:
        return {**settings, among: list(written)}

    def relabel(self, value: Json, names: Mapping[str, str], among: str = _TREE) -> Json:
        """Give where a path leads today; names are paths, and what is below them goes along.

        A text is a name on the path, or a path that it begins with, as conditions have it.
        """
        if isinstance(value, str):
            moved = moved_path(path_of(value), names)
            if moved != path_of(value):
                return SEPARATOR.join(moved)
            last = {path_of(old)[-1]: path_of(new)[-1] for old, new in names.items()}
            return last.get(value, value)
        path = _path_in(value)
        return list(moved_path(path, names)) if path else value

    def labels_in(self, value: Json, among: str = _TREE) -> frozenset[str]:
        """Give every place that the path leads through."""
        path = _path_in(value)
        return frozenset(SEPARATOR.join(path[:n]) for n in range(1, len(path) + 1))

    def bind(self, settings: Mapping[str, Json]) -> TaxonomyTask:
        check_known(settings, ("tree", "leaf_only", "tolerance"))
        return TaxonomyTask(
            read_tree(settings.get("tree")),
            read_flag(settings, "leaf_only", default=True),
            read_share(settings, "tolerance", 0.0),
        )

    def settings_schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "properties": {
                "tree": tree_schema(),
                "leaf_only": {"type": "boolean"},
                "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            },
            "required": ["tree"],
            "additionalProperties": False,
            "$defs": cast("dict[str, Json]", {"place": _PLACE}),
        }


_PLACE: dict[str, Json] = {
    "oneOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {
                "value": {"type": "string"},
                "title": {"type": "string"},
                "description": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/place"}},
            },
            "required": ["value"],
            "additionalProperties": False,
        },
    ]
}


def _beside_the_top(paths: Sequence[str]) -> str:
    """Say what to do about one at the top, whose path is the name that could be each of them."""
    return "; for the one at the top, name those below it" if any(SEPARATOR not in path for path in paths) else ""


def _path_in(value: Json) -> Path:
    """Give the path of a stored value; empty where it is none."""
    if not isinstance(value, list | tuple):
        return ()
    names = [one for one in value if isinstance(one, str)]
    return tuple(names) if len(names) == len(value) else ()


def _walked(nodes: Sequence[Node], above: Path) -> Iterator[tuple[Path, Node]]:
    for node in nodes:
        path = (*above, node.value)
        yield path, node
        yield from _walked(node.children, path)


TASK_TYPE = Taxonomy()
