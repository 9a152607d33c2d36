"""labelwright slices FILE: which columns are what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labelwright.adapters.formats.label_words import written_otherwise
from labelwright.adapters.formats.prediction_table import ID_NAMES, LABEL_NAMES
from labelwright.adapters.formats.text_table import Cell, TextTable, read_text_table
from labelwright.bootstrap.mistakes import embedder
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidFile
from labelwright.services.projects.excerpts import excerpt
from labelwright.services.soundness.slices_of_file import slices_of_rows

_TRUTH_NAMES = ("truth", "gold", "gold_label", "true_label", "target", "correct_label", "human")
_LEAST_TEXT = 20
_BLANK = frozenset({"", "nan", "na", "n/a", "null", "none"})
"""What stands for a missing number."""


def of_file(
    file: Path, columns: Mapping[str, str | None], *, by: Sequence[str], q: float
) -> tuple[dict[str, Json], dict[str, str]]:
    """Find slices in a file of rows. Gives the findings, and the texts of examples by id."""
    table = read_text_table(file)
    label = _pick(table, columns["label"], LABEL_NAMES, "--label", "the model's labels")
    truth = _pick(table, columns["truth"], _TRUTH_NAMES, "--truth", "the right labels")
    name_of_id = columns["id"] or next((name for name in ID_NAMES if name in table.columns), None)
    n = len(table.lines)
    ids = [f"row {line}" for line in table.lines]
    if name_of_id is not None:
        ids = [_words(cell) or ids[row] for row, cell in enumerate(table.column(name_of_id, option="--id"))]
        often = Counter(ids)
        ids = [f"{id} (row {table.lines[row]})" if often[id] > 1 else id for row, id in enumerate(ids)]
    text_name = columns["text"] or _longest(table, {label, truth, name_of_id})
    text = [""] * n if text_name is None else [_words(cell) or "" for cell in table.column(text_name, option="--text")]
    weight, score = columns["weight"], columns["score"]
    taken = {label, truth, name_of_id, text_name, weight, score}
    metadata: list[dict[str, Json]] = [{} for _ in range(n)]
    for name, cells in table.columns.items():
        if name not in taken:
            for row, value in enumerate(_plain(cells)):
                if value is not None:
                    metadata[row][name] = value
    said, right = ([_words(cell) for cell in table.column(name)] for name in (label, truth))
    otherwise = written_otherwise({one for one in said if one}, {one for one in right if one})
    if otherwise is not None:
        problem = f"{label!r} has other labels than {truth!r}: {otherwise}"
        raise InvalidFile(file, problem, hint="; write labels alike, or name other columns (--label, --truth)")
    found = slices_of_rows(
        metadata,
        ids=ids,
        text=text,
        said=said,
        truth=right,
        embedder=embedder(),
        confidence=None if score is None else _numbers(table, score, "--score", blank=np.nan),
        inclusion=None if weight is None else _chances(table, weight),
        by=by,
        q=q,
    )
    return found, {name: excerpt(words) for name, words in zip(ids, text, strict=True) if words}


def _pick(table: TextTable, chosen: str | None, usual: Sequence[str], option: str, what: str) -> str:
    if chosen is not None:
        table.column(chosen, option=option)
        return chosen
    found = next((name for name in usual if name in table.columns), None)
    if found is None:
        raise InvalidFile(table.file, f"has no column that is plainly {what}", hint=f"; name it with {option} COLUMN")
    return found


def _longest(table: TextTable, taken: set[str | None]) -> str | None:
    """Take the column with the longest texts, if they are texts at all."""
    mean = {
        name: float(np.mean([len(cell) if isinstance(cell, str) else 0 for cell in cells]))
        for name, cells in table.columns.items()
        if name not in taken
    }
    best = max(mean, key=lambda name: mean[name], default=None)
    return best if best is not None and mean[best] >= _LEAST_TEXT else None


def _plain(cells: Sequence[Cell]) -> list[Json]:
    """Read a column of numbers as numbers, any other as words."""
    is_blank = [cell is None or str(cell).strip().casefold() in _BLANK for cell in cells]
    given = [cell for cell, blank in zip(cells, is_blank, strict=True) if not blank]
    if given and all(_number(cell) is not None for cell in given):
        return [None if blank else _number(cell) for cell, blank in zip(cells, is_blank, strict=True)]
    return [_words(cell) for cell in cells]


def _words(cell: Cell) -> str | None:
    if cell is None or cell == "":
        return None
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def _number(cell: Cell) -> float | None:
    if cell is None or isinstance(cell, bool):
        return None
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _numbers(table: TextTable, name: str, option: str, *, blank: float) -> NDArray[np.float64]:
    found = np.full(len(table.lines), blank)
    for row, cell in enumerate(table.column(name, option=option)):
        number = _number(cell)
        if number is not None:
            found[row] = number
        elif cell not in (None, ""):
            raise InvalidFile(table.file, f"{name!r}: {cell!r} is no number", line=table.lines[row])
    return found


def _chances(table: TextTable, name: str) -> NDArray[np.float64]:
    found = _numbers(table, name, "--weight", blank=np.nan)
    for row, chance in enumerate(found.tolist()):
        if not 0 < chance <= 1:
            problem = f"{name!r}: {chance:g} is no probability above 0 and up to 1"
            hint = "; --weight wants each row's chance to have been drawn, not its inverse"
            raise InvalidFile(table.file, problem, line=table.lines[row], hint=hint)
    return found
