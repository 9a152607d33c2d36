"""Right answers in a file: an item's id, and a label for each question or for some."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import orjson

from labelwright.adapters.formats.coco import read_coco
from labelwright.adapters.formats.recorded_labels import label_of
from labelwright.adapters.formats.yolo_labels import is_yolo, read_yolo
from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.project import Question
from labelwright.errors import InvalidFile, InvalidValue, did_you_mean
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind, task_type

_ID, _LABEL = "id", "label"
_CSV = {".csv": ",", ".tsv": "\t"}
_JSONL = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class GoldFile:
    """values: question -> item id -> label, in the task's canonical form. Where a cell is empty there is none."""

    name: str
    sha256: str
    values: Mapping[str, Mapping[str, Json]]


def read_gold(file: Path, questions: Sequence[Question]) -> GoldFile:
    """Read a `.jsonl`, `.csv` or `.tsv` file (`.gz` too) with `id` and one column per question, or `label` for one.

    A `.json` file is COCO's: its annotations are the labels of the questions about images. A `.zip` or a `data.yaml` is
    YOLO's.

    In CSV a label that is no text stands as JSON: `3`, `["price", "screen"]`.
    Raises: InvalidFile, with the line: no such column, a label that is none of the question's, two labels of one item.
    """
    if not file.is_file():
        near = did_you_mean(file.name, [p.name for p in file.parent.iterdir()]) if file.parent.is_dir() else ""
        raise InvalidFile(file, "there is no such file", hint=near)
    tasks: dict[str, Task[object]] = {str(q.name): bind(q) for q in questions}
    kinds = {str(q.name): task_type(q.type).alias for q in questions}
    values: dict[str, dict[str, Json]] = {name: {} for name in tasks}
    hashed, rows = _read(file, kinds)
    for source, line, row in rows:
        if _ID not in row or row[_ID] in (None, ""):
            raise InvalidFile(source, "has no id here", line=line, hint=did_you_mean(_ID, row))
        for question, column in _columns(source, row, list(values), line).items():
            raw = row.get(column)
            if raw is None or raw == "":
                continue
            try:
                value = _value(tasks[question], kinds[question], raw)
            except InvalidValue as problem:
                raise InvalidFile(source, f"{column}: {problem}", line=line) from None
            name = str(row[_ID])
            known = values[question].setdefault(name, value)
            if canonical_json(known) != canonical_json(value):
                raise InvalidFile(source, f"item {name!r} has two different labels; gold needs one", line=line)
    return GoldFile(file.name, hashed, values)


def _read(file: Path, kinds: Mapping[str, str]) -> tuple[str, Iterable[tuple[Path, int | None, Mapping[str, Any]]]]:
    """Give the file's sha256, and each row with the file and the line that it stands in."""
    if is_yolo(file):
        hashed, found = read_yolo(file, kinds)
        return hashed, [(one.file, None, one.row) for one in found]
    packed = file.read_bytes()
    try:
        text = (gzip.decompress(packed) if file.suffix == ".gz" else packed).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as problem:
        raise InvalidFile(file, f"is not readable as UTF-8 text ({problem})") from problem
    return sha256(packed).hexdigest(), ((file, line, row) for line, row in _rows(file, text, kinds))


def _columns(file: Path, row: Mapping[str, Any], questions: Sequence[str], line: int | None) -> dict[str, str]:
    found = {name: name for name in questions if name in row}
    if not found and len(questions) == 1 and _LABEL in row:
        found = {questions[0]: _LABEL}
    if not found:
        wanted = " or ".join(repr(name) for name in dict.fromkeys([*questions, *([_LABEL] * (len(questions) == 1))]))
        raise InvalidFile(file, f"has no column {wanted}", line=line, hint=did_you_mean(questions[0], row))
    return found


def _value(task: Task[object], kind: str, raw: Json) -> Json:
    """Read a label as it stands, as recordings write it, or, where it is text, as JSON."""
    tries: list[Json] = [raw, label_of(kind, raw)]
    if isinstance(raw, str):
        try:
            tries.append(orjson.loads(raw))
        except orjson.JSONDecodeError:
            pass
        else:
            tries.append(label_of(kind, tries[-1]))
    first: InvalidValue | None = None
    for one in tries:
        try:
            return task.dump(task.parse(one))
        except InvalidValue as problem:
            first = first or problem
    assert first is not None  # noqa: S101 - the first try failed, or it had been given
    raise first


def _rows(file: Path, text: str, kinds: Mapping[str, str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    ending = (Path(file.stem) if file.suffix == ".gz" else file).suffix.lower()
    if ending in _JSONL:
        for line, one in enumerate(text.split("\n"), start=1):
            if not one.strip():
                continue
            try:
                row = orjson.loads(one)
            except orjson.JSONDecodeError as problem:
                raise InvalidFile(file, f"is not valid JSON ({problem})", line=line) from problem
            if not isinstance(row, dict):
                raise InvalidFile(file, "must hold one JSON object per line", line=line)
            yield line, cast("dict[str, Any]", row)
    elif ending == ".json":
        try:
            yield from ((number, row) for number, row in enumerate(read_coco(text, kinds), start=1))
        except InvalidValue as problem:
            raise InvalidFile(file, str(problem)) from None
    elif ending in _CSV:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_CSV[ending])
        for row in reader:
            if None in row or None in row.values():
                raise InvalidFile(file, "has another number of fields than the header", line=reader.line_num)
            yield reader.line_num, row
    else:
        raise InvalidFile(
            file,
            f"ends in {ending or 'nothing'!r}; name it .jsonl, .csv or .tsv (.gz may follow), .json for "
            "COCO, .zip or data.yaml for YOLO",
        )
