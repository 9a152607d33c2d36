"""Read YAML as plain values that remember their lines; what could run code or grow without bound is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidConfiguration

YamlPath: TypeAlias = tuple[str | int, ...]

_MOST_BYTES = 1_000_000
_DEEPEST = 40
_CORE = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_LABELS = "labels"


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A document's mapping, and the line (from 1) where each path begins."""

    file: Path
    value: dict[str, Json]
    lines: Mapping[YamlPath, int]

    def line(self, path: YamlPath) -> int:
        """Give the line of a path, or of its nearest ancestor that is written down."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


def read_yaml(content: bytes, file: Path) -> YamlDocument:
    """Read one document, whose root is a mapping.

    Labels (whatever stands under a key `labels`) stay the text they are written as: `007` is no seven.
    Raises: InvalidConfiguration with the line; never shows a value, which might be a secret in the wrong place.
    """
    if len(content) > _MOST_BYTES:
        raise InvalidConfiguration(file, f"is {len(content):,} bytes long", hint=f"; the most is {_MOST_BYTES:,}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InvalidConfiguration(
            file, "is not UTF-8", line=line, hint=f" (byte {error.start}); save it as UTF-8"
        ) from None
    try:
        _refuse_dangers(text, file)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        said = f"this is no YAML: {error.problem or error.context}"
        raise InvalidConfiguration(file, said, line=line, hint=_likely_cause(text, line)) from None
    except yaml.YAMLError:
        raise InvalidConfiguration(file, "this is no YAML: it holds a character that is not allowed") from None
    if root is None:
        raise InvalidConfiguration(file, "is empty", hint="; `labelwright init` writes one to start from")
    if not isinstance(root, yaml.MappingNode):
        line = root.start_mark.line + 1
        raise InvalidConfiguration(file, "must be a mapping", line=line, hint=", such as: name: reviews")
    reader = _Reader(file)
    value = reader.mapping(root, ())
    return YamlDocument(file, value, reader.lines)


def _likely_cause(text: str, line: int | None) -> str:
    """Name what people usually did where YAML stops with words of its own; empty where nothing is recognised."""
    lines = text.splitlines()
    if line is None or line > len(lines):
        return ""
    here = lines[line - 1]
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return "; it is indented by a tab: use spaces"
    before = [
        one.partition(" #")[0].rstrip() for one in lines[: line - 1] if one.strip() and not one.lstrip().startswith("#")
    ]
    if here.lstrip().startswith("- ") and before and before[-1].endswith(("[]", "{}")):
        name = before[-1].strip().rpartition(":")[0]
        return f"; what belongs to {name!r} stands below it, so take the {before[-1][-2:]} after {name}: away"
    return ""


def _refuse_dangers(text: str, file: Path) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            raise InvalidConfiguration(file, "aliases (*name) are not allowed", line=line, hint="; write it out")
        tag = getattr(event, "tag", None)
        if tag and tag not in ("!", f"{_CORE}str"):
            raise InvalidConfiguration(file, "tags (!name) are not allowed", line=line, hint="; write the plain value")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise InvalidConfiguration(file, f"is nested more than {_DEEPEST} deep", line=line)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Reader:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: dict[YamlPath, int] = {}

    def mapping(self, node: yaml.MappingNode, path: YamlPath) -> dict[str, Json]:
        self.lines.setdefault(path, node.start_mark.line + 1)
        found: dict[str, Json] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise InvalidConfiguration(self.file, "a key must be plain text", line=line)
            key = str(key_node.value)
            here = (*path, key)
            if key in found:
                hint = f" (first on line {self.lines[here]}); remove one"
                raise InvalidConfiguration(self.file, "a key is there twice", line=line, hint=hint)
            self.lines[here] = line
            found[key] = self.value(value_node, here)
        return found

    def value(self, node: yaml.Node, path: YamlPath) -> Json:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, place)) for place, child in enumerate(node.value)]
        return self.scalar(node, path)

    def scalar(self, node: yaml.Node, path: YamlPath) -> Json:
        raw = str(node.value)
        kind = str(node.tag).removeprefix(_CORE)
        if kind == "null":
            return None
        if kind == "bool":
            if _is_label(path):
                hint = f'; put the label in quotes: "{raw}"'
                raise InvalidConfiguration(
                    self.file, f"YAML reads {raw} as yes or no", line=self.lines[path], hint=hint
                )
            return raw.lower() in {"true", "yes", "on"}
        if _is_label(path):
            return raw
        if kind == "int" and _INTEGER.fullmatch(raw):
            return int(raw)
        if kind == "float":
            try:
                return float(raw)
            except ValueError:
                return raw
        return raw


def _is_label(path: YamlPath) -> bool:
    """A name in a list of labels, or the `value` of a label written out."""
    if len(path) >= 2 and path[-2] == _LABELS:
        return True
    return len(path) >= 3 and path[-3] == _LABELS and path[-1] == "value"
