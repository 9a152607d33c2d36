"""The setting of a taxonomy: labels with labels below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labelwright.domain.canonical import Json
from labelwright.domain.project import PATH_SEPARATOR
from labelwright.errors import InvalidValue
from labelwright.tasks.label_list import MOST_LABELS

SEPARATOR = PATH_SEPARATOR
MOST_LEVELS = 10


@dataclass(frozen=True, slots=True)
class Node:
    """A place of the tree: its name, the text people read, when it applies, and what is below it."""

    value: str
    title: str
    description: str
    children: tuple[Node, ...] = ()


def read_tree(raw: Json, *, key: str = "tree") -> tuple[Node, ...]:
    """Read a list of names, or of {value, title?, description?, children?}. Raises InvalidValue."""
    roots = _nodes(raw, key, 1)
    n = _count(roots)
    if n > MOST_LABELS:
        raise InvalidValue(key, f"{n} places are too many", f"; the most is {MOST_LABELS}")
    if n < 2:
        raise InvalidValue(key, "one place leaves nothing to decide", "; at least 2 are needed")
    return roots


def tree_schema() -> dict[str, Json]:
    """Give the JSON schema of a tree; `#/$defs/place` is one place of it."""
    return {"type": "array", "items": {"$ref": "#/$defs/place"}, "minItems": 1}


def _nodes(raw: Json, path: str, level: int) -> tuple[Node, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        hint = ", such as tree: [{value: animal, children: [cat, dog]}, plant]"
        raise InvalidValue(path, "a list of places is needed", hint)
    if level > MOST_LEVELS:
        raise InvalidValue(path, f"the tree is deeper than {MOST_LEVELS} levels", "; make it flatter")
    nodes = tuple(_node(entry, f"{path}[{place}]", level) for place, entry in enumerate(raw))
    seen: set[str] = set()
    for place, node in enumerate(nodes):
        if node.value in seen:
            raise InvalidValue(f"{path}[{place}]", f"{node.value!r} is there twice", "; remove one")
        seen.add(node.value)
    return nodes


def _node(entry: Json, path: str, level: int) -> Node:
    if isinstance(entry, bool):
        raise InvalidValue(path, f"YAML read this name as {entry!r}", "; put names such as yes/no in quotes")
    if isinstance(entry, str | int | float):
        return Node(_name(str(entry), path), str(entry), "")
    if not isinstance(entry, Mapping):
        raise InvalidValue(path, f"{entry!r} is no place", "; give a name, or {value, title, description, children}")
    unknown = set(entry) - {"value", "title", "description", "children"}
    if unknown:
        raise InvalidValue(
            path, f"there is no key {min(unknown)!r}", "; a place has value, title, description, children"
        )
    value = entry.get("value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidValue(f"{path}.value", "a place needs a value of text", "")
    below = entry.get("children")
    children = () if below is None or below == [] else _nodes(below, f"{path}.children", level + 1)
    name = _name(str(value), path)
    return Node(name, str(entry.get("title") or name), str(entry.get("description") or ""), children)


def _name(value: str, path: str) -> str:
    if not value.strip() or value != value.strip():
        raise InvalidValue(path, f"name {value!r} is empty or has spaces around it", "; remove them")
    if SEPARATOR in value:
        raise InvalidValue(path, f"name {value!r} holds {SEPARATOR!r}, which joins names", "; write it otherwise")
    return value


def _count(nodes: Sequence[Node]) -> int:
    return sum(1 + _count(node.children) for node in nodes)
