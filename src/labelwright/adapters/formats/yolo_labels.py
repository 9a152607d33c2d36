"""Read YOLO's labels: an archive, or the folder of a `data.yaml`; each mistake is named by file and line."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, Final, cast

import orjson

from labelwright.adapters.formats.yolo import DATA, ITEMS, Classes
from labelwright.domain.canonical import Json
from labelwright.domain.project import Question
from labelwright.errors import InvalidFile, did_you_mean
from labelwright.tasks.protocol import MAIN_LABELS
from labelwright.tasks.registry import relabels, task_type
from labelwright.yaml_lines import read_yaml

DIGITS: Final = 6
_SLACK: Final = 1e-4
"""Rounding takes a box this far beyond the image; it ends at the edge then."""
_MOST_BYTES: Final = 500_000_000
_MOST_FILE: Final = 5_000_000
_SPLITS: Final = ("train", "val", "valid", "test")
_ENDINGS: Final = (".yaml", ".yml")


def is_yolo(file: Path) -> bool:
    """Say whether a file is read so: an archive, or a data.yaml."""
    return file.suffix.lower() in (".zip", *_ENDINGS)


@dataclass(frozen=True, slots=True)
class LabelFile:
    """What one text file says.  row: {"id", question: regions}."""

    file: Path
    row: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class _Tree:
    """The files of an archive or a folder, by their names in it."""

    root: Path
    names: Sequence[str]
    read: Callable[[str], bytes]

    def bytes_of(self, name: str) -> bytes:
        try:
            return self.read(name)
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as problem:
            raise InvalidFile(self.root / name, f"cannot be read ({problem})") from None

    def text(self, name: str) -> str:
        try:
            return self.bytes_of(name).decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise InvalidFile(self.root / name, f"is not UTF-8 text ({problem})") from None


def classes_of(questions: Sequence[Question]) -> tuple[Classes, ...]:
    """Give the classes of the questions that have a place in YOLO's labels."""
    able = [one for one in questions if task_type(one.type).alias in _READERS]
    kinds = [(one, relabels(task_type(one.type).name)) for one in able]
    return tuple(
        Classes(one.name, kind.label_lists(one.settings)[MAIN_LABELS].names) for one, kind in kinds if kind is not None
    )


def read_yolo(file: Path, kinds: Mapping[str, str]) -> tuple[str, list[LabelFile]]:
    """Give the sha256 of what was read, and every label file.

    kinds: question -> the alias of its type. A `data.yaml` that names no `question` is about the only one that asks for
    boxes or outlines. A text file is about the item that `items.jsonl` names, else the one of its name.
    Raises: InvalidFile, with file and line.
    """
    if file.suffix.lower() not in _ENDINGS:
        try:
            with zipfile.ZipFile(file) as archive:
                return _read(_of_archive(file, archive), kinds)
        except zipfile.BadZipFile as problem:
            raise InvalidFile(file, f"is no whole zip archive ({problem})") from None
    return _read(_of_folder(file), kinds)


def _of_archive(file: Path, archive: zipfile.ZipFile) -> _Tree:
    entries = {one.filename: one for one in archive.infolist() if not one.is_dir()}
    read = {name: one.file_size for name, one in entries.items() if _is_read(name)}
    _check_size(file, read)
    return _Tree(file, sorted(read), lambda name: archive.read(entries[name]))


def _of_folder(file: Path) -> _Tree:
    root = file.parent
    found = {
        path.relative_to(root).as_posix(): path.stat().st_size
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and _is_read(path.relative_to(root).as_posix())
    }
    # The file that was named is the one that counts, whatever it is called.
    found = {name: size for name, size in found.items() if PurePosixPath(name).name != DATA or name == file.name}
    found[file.name] = file.stat().st_size
    _check_size(root, found)
    return _Tree(root, sorted(found), lambda name: (root / name).read_bytes())


def _is_read(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name in (DATA, ITEMS) or (path.suffix == ".txt" and "labels" in path.parts[:-1])


def _check_size(root: Path, sizes: Mapping[str, int]) -> None:
    for name, size in sizes.items():
        if size > _MOST_FILE and not name.endswith(ITEMS):
            raise InvalidFile(root / name, f"has {size:,} bytes", hint=f"; a file of labels has {_MOST_FILE:,} at most")
    if sum(sizes.values()) > _MOST_BYTES:
        raise InvalidFile(root, f"holds more than {_MOST_BYTES:,} bytes of labels", hint="; split it")


def _read(tree: _Tree, kinds: Mapping[str, str]) -> tuple[str, list[LabelFile]]:
    digest = sha256()
    for name in tree.names:
        digest.update(f"{name}\0".encode() + sha256(tree.bytes_of(name)).digest())
    heads = [name for name in tree.names if PurePosixPath(name).suffix in _ENDINGS]
    if not heads:
        raise InvalidFile(tree.root, f"has no {DATA}", hint=", which names the classes")
    found: list[LabelFile] = []
    for head in heads:
        found += _dataset(tree, head, kinds)
    return digest.hexdigest(), found


def _dataset(tree: _Tree, head: str, kinds: Mapping[str, str]) -> Iterator[LabelFile]:
    told = read_yaml(tree.bytes_of(head), tree.root / head).value
    folder = head[: len(head) - len(PurePosixPath(head).name)]
    question = _question(tree.root / head, told.get("question"), kinds)
    names, read = _names(tree.root / head, told.get("names")), _READERS[kinds[question]]
    items = _items(tree, folder)
    for name in tree.names:
        inside = PurePosixPath(name[len(folder) :]) if name.startswith(folder) else None
        if inside is None or inside.suffix != ".txt" or inside.name == "classes.txt":
            continue
        item = items.get(str(inside)) or _stem(inside)
        yield LabelFile(tree.root / name, {"id": item, question: _regions(tree, name, names, read)})


def _question(file: Path, stated: Json, kinds: Mapping[str, str]) -> str:
    able = [name for name, kind in kinds.items() if kind in _READERS]
    if stated is None and len(able) == 1:
        return able[0]
    if stated not in able:
        hint = f"; write question: one of {', '.join(able)}" if able else "; a question of type boxes or polygons is"
        raise InvalidFile(file, f"question {stated!r} does not ask for boxes or polygons in this project", hint=hint)
    return str(stated)


def _names(file: Path, stated: Json) -> Mapping[int, str]:
    pairs: list[tuple[Any, Json]] = []
    if isinstance(stated, Mapping):
        pairs = list(stated.items())
    elif isinstance(stated, list | tuple):
        pairs = list(enumerate(stated))
    names = {int(number): str(name) for number, name in pairs if str(number).isdigit()}
    if not names or len(names) != len(pairs):
        raise InvalidFile(file, "names no classes", hint=", such as names: [cat, dog]")
    return names


def _items(tree: _Tree, folder: str) -> Mapping[str, str]:
    if folder + ITEMS not in tree.names:
        return {}
    found: dict[str, str] = {}
    for line, one in enumerate(tree.text(folder + ITEMS).split("\n"), start=1):
        if one.strip():
            try:
                row = orjson.loads(one)
                found[str(row["file"])] = str(row["id"])
            except (orjson.JSONDecodeError, KeyError, TypeError) as problem:
                hint = '; each line is {"file": "labels/a.txt", "id": "a"}'
                raise InvalidFile(tree.root / folder / ITEMS, f"is no row ({problem})", line=line, hint=hint) from None
    return found


def _stem(inside: PurePosixPath) -> str:
    """Give the name below `labels`, without a folder of a split: labels/train/a.txt is about a."""
    parts = inside.parts[inside.parts.index("labels") + 1 :]
    parts = parts[1:] if len(parts) > 1 and parts[0] in _SPLITS else parts
    return str(PurePosixPath(*parts).with_suffix(""))


def _regions(tree: _Tree, name: str, names: Mapping[int, str], read: _Reader) -> list[Json]:
    found: dict[bytes, Json] = {}
    for line, text in enumerate(tree.text(name).split("\n"), start=1):
        words = text.split()
        if not words:
            continue
        try:
            region: dict[str, Json] = {**read(_figures(words[1:])), "label": _class(words[0], names)}
        except ValueError as problem:
            raise InvalidFile(tree.root / name, str(problem), line=line) from None
        written = orjson.dumps(region)
        if written in found:
            raise InvalidFile(tree.root / name, "is there twice in this file", line=line, hint="; remove one line")
        found[written] = region
    return list(found.values())


def _class(word: str, names: Mapping[int, str]) -> str:
    if not word.isdigit() or int(word) not in names:
        known = [str(number) for number in names]
        raise ValueError(f"{word!r} is no class of {DATA}{did_you_mean(word, known)}")
    return names[int(word)]


def _figures(words: Sequence[str]) -> list[float]:
    found: list[float] = []
    for word in words:
        try:
            figure = float(word)
        except ValueError:
            raise ValueError(f"{word[:40]!r} is no number") from None
        if not math.isfinite(figure) or not -_SLACK <= figure <= 1 + _SLACK:
            raise ValueError(f"{word} is no share of the image; a number from 0 to 1 is needed")
        found.append(figure)
    return found


_Reader = Callable[[Sequence[float]], "dict[str, Json]"]


def _box(figures: Sequence[float]) -> dict[str, Json]:
    if len(figures) != 4:
        more = "; outlines are read by a question of type polygons" if len(figures) > 5 else ""
        raise ValueError(f"{len(figures)} numbers follow the class; a box has 4: the centre, width and height{more}")
    x, y, width, height = figures
    if width <= 0 or height <= 0:
        raise ValueError("the box has no width or no height")
    left, top = _inside(x - width / 2), _inside(y - height / 2)
    right, bottom = _inside(x + width / 2), _inside(y + height / 2)
    return {"x": left, "y": top, "width": round(right - left, DIGITS), "height": round(bottom - top, DIGITS)}


def _outline(figures: Sequence[float]) -> dict[str, Json]:
    if len(figures) % 2 or len(figures) < 6:
        hint = "; boxes are read by a question of type boxes" if len(figures) == 4 else ""
        raise ValueError(f"{len(figures)} numbers follow the class; an outline has pairs, three or more{hint}")
    return {
        "points": cast("Json", [[_inside(x), _inside(y)] for x, y in zip(figures[::2], figures[1::2], strict=True)])
    }


def _inside(share: float) -> float:
    if not -_SLACK <= share <= 1 + _SLACK:
        raise ValueError(f"the box reaches beyond the image ({share:.6f})")
    return min(max(round(share, DIGITS), 0.0), 1.0)


_READERS: Mapping[str, _Reader] = {"boxes": _box, "polygons": _outline}
