"""Anybody's predictions (id, label, zero or more scores) and the people's answers to a sample of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from labelwright.adapters.formats.text_table import Cell, TextTable, read_text_table
from labelwright.errors import InvalidFile, did_you_mean

Floats = NDArray[np.float64]

ID_NAMES: Final = ("id", "item_id", "item", "uid", "key", "_id")
LABEL_NAMES: Final = ("label", "prediction", "predicted", "predicted_label", "pred", "answer", "class")
SCORE_NAMES: Final = ("confidence", "score", "probability", "prob", "p", "certainty", "agreement", "conf")
ANNOTATOR_NAMES: Final = ("annotator", "annotator_id", "reviewer", "worker", "labeler", "labeller", "person")
_REMEDY: Final = "write it as 0.95 (any scale will do, high = sure), choose another column with --score, or rename it"
_UNKNOWN: Final = {"nan", "na", "n/a", "null", "none", "-"}


@dataclass(frozen=True, slots=True)
class PredictionTable:
    """A file of predictions; `score` is nan where there is no confidence or no label.

    score_column: None when the file has no score: then all predictions stand or fall together.
    other_scores: further columns that could have been the score.
    """

    file: Path
    sha256: str
    id_column: str
    label_column: str
    score_column: str | None
    second_column: str | None
    other_scores: tuple[str, ...]
    ids: list[str]
    labels: list[str | None]
    score: Floats
    second: Floats | None
    table: TextTable

    def row_of(self) -> dict[str, int]:
        """Give the row of every id."""
        return {identifier: row for row, identifier in enumerate(self.ids)}


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """People's answers: (id, label, annotator), label None where they could not decide, in the file's order."""

    file: Path
    ids: list[str]
    labels: list[str | None]
    annotators: list[str] | None
    lines: list[int]


def read_predictions(
    file: Path,
    *,
    id_column: str | None = None,
    label_column: str | None = None,
    score_column: str | None = None,
    second_column: str | None = None,
) -> PredictionTable:
    """Read predictions; columns that are not named are recognised by their usual names, the score also by its numbers.

    Raises: InvalidFile for a missing column, a missing or repeated id (with lines), a score that is no number.
    """
    table = read_text_table(file)
    id_name = _pick(table, id_column, ID_NAMES, option="--id", what="ids")
    label_name = _pick(table, label_column, LABEL_NAMES, option="--label", what="the predicted labels")
    candidates = _score_candidates(table, taken={id_name, label_name})
    score_name = score_column if score_column is not None else next(iter(candidates), None)
    labels = [_text(cell) for cell in table.columns[label_name]]
    has_label = np.array([label is not None for label in labels])
    score = np.ones(len(labels)) if score_name is None else _numbers(table, score_name, option="--score")
    second = None if second_column is None else _numbers(table, second_column, option="--tie-break")
    return PredictionTable(
        file=file,
        sha256=table.sha256,
        id_column=id_name,
        label_column=label_name,
        score_column=score_name,
        second_column=second_column,
        other_scores=tuple(name for name in candidates if name not in {score_name, second_column}),
        ids=_unique_ids(table, id_name),
        labels=labels,
        score=np.where(has_label, score, np.nan),
        second=second,
        table=table,
    )


def check_score(predictions: PredictionTable) -> None:
    """Refuse to pass over a column that is called a score and holds something else than numbers.

    Raises: InvalidFile with the first such cell; '0,95', '95%' and 'high' would else be left out without a word.
    """
    table, lowered = predictions.table, {name.lower(): name for name in reversed(predictions.table.columns)}
    taken = {predictions.id_column, predictions.label_column}
    called = (lowered[known] for known in SCORE_NAMES if known in lowered and lowered[known] not in taken)
    first = next((name for name in called if any(cell is not None for cell in table.columns[name])), None)
    if first is None or _is_numeric(table.columns[first]):
        return
    for row, cell in enumerate(table.columns[first]):
        if cell is not None and _number(cell) is None and str(cell).lower() not in _UNKNOWN:
            raise InvalidFile(table.file, f"{first} {cell!r} is not a number; {_REMEDY}", line=table.lines[row])


def read_answers(file: Path, *, id_column: str, label_column: str, annotator_column: str | None = None) -> AnswerTable:
    """Read people's answers. With an annotator column an item may have several, one per person.

    id_column, label_column: what the predictions call them, looked for before the usual names.
    Raises: InvalidFile for a missing column or id, or an answer given twice (with both lines).
    """
    table = read_text_table(file)
    id_name = _pick(table, None, (id_column.lower(), *ID_NAMES), what="ids")
    label_name = _pick(table, None, (label_column.lower(), *LABEL_NAMES), what="the people's labels")
    if annotator_column is not None:
        table.column(annotator_column, option="--annotator")
    annotator_name = annotator_column or next((name for name in ANNOTATOR_NAMES if name in table.columns), None)
    annotators = None
    if annotator_name is None:
        ids = _unique_ids(table, id_name, remedy="; for several people per item add a column 'annotator'")
    else:
        ids = _ids(table, id_name)
        annotators = [_text(cell) or "" for cell in table.columns[annotator_name]]
        _check_one_answer_each(table, ids, annotators, annotator_name)
    return AnswerTable(file, ids, [_text(cell) for cell in table.columns[label_name]], annotators, table.lines)


def _pick(table: TextTable, chosen: str | None, usual: Sequence[str], *, what: str, option: str = "") -> str:
    if chosen is not None:
        table.column(chosen, option=option)
        return chosen
    lowered = {name.lower(): name for name in reversed(table.columns)}
    found = next((lowered[name] for name in usual if name in lowered), None)
    if found is None:
        remedy = f"name it with {option}" if option else "call it as the predictions do"
        near = did_you_mean(usual[0], table.columns)
        raise InvalidFile(table.file, f"has no column {usual[0]!r} for {what}{near}; {remedy}")
    return found


def _score_candidates(table: TextTable, *, taken: set[str]) -> list[str]:
    numeric = [name for name, column in table.columns.items() if name not in taken and _is_numeric(column)]
    usual = [name for known in SCORE_NAMES for name in numeric if name.lower() == known]
    named = [name for name in numeric if name not in usual and any(word in name.lower() for word in SCORE_NAMES[:4])]
    return [*usual, *named]


def _is_numeric(column: Sequence[Cell]) -> bool:
    # A look at the first thousand is enough to tell a score; a wrong cell further down is an error with its line.
    seen = [cell for cell in column[:1_000] if cell is not None]
    return any(_number(cell) is not None for cell in seen) and all(
        _number(cell) is not None or str(cell).lower() in _UNKNOWN for cell in seen
    )


def _numbers(table: TextTable, name: str, *, option: str) -> Floats:
    column = table.column(name, option=option)
    values: list[float] = []
    for row, cell in enumerate(column):
        number = float("nan") if cell is None else _number(cell)
        if number is None:
            if str(cell).lower() not in _UNKNOWN:
                raise InvalidFile(table.file, f"{name} {cell!r} is not a number", line=table.lines[row])
            number = float("nan")
        values.append(number)
    found = np.array(values, dtype=np.float64)
    infinite = np.flatnonzero(np.isinf(found))
    if infinite.size:
        row = int(infinite[0])
        raise InvalidFile(table.file, f"{name} {column[row]!r} is not a finite number", line=table.lines[row])
    return found


def _number(cell: Cell) -> float | None:
    try:
        return float(cell) if cell is not None else None
    except ValueError:
        return None


def _text(cell: Cell) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return str(int(cell)) if float(cell).is_integer() else str(cell)


def _ids(table: TextTable, name: str) -> list[str]:
    ids = [_text(cell) for cell in table.columns[name]]
    if None in ids:
        raise InvalidFile(table.file, f"{name} is empty", line=table.lines[ids.index(None)])
    return [identifier for identifier in ids if identifier is not None]


def _unique_ids(table: TextTable, name: str, *, remedy: str = "") -> list[str]:
    ids = _ids(table, name)
    if len(set(ids)) == len(ids):
        return ids
    first: dict[str, int] = {}
    repeated = [first.setdefault(identifier, row) != row for row, identifier in enumerate(ids)]
    row = next(compress(range(len(ids)), repeated))
    n = sum(repeated)
    more = f" ({n} repeated rows in all)" if n > 1 else ""
    first_line = table.lines[first[ids[row]]]
    raise InvalidFile(
        table.file,
        f"{name} {ids[row]!r} was already used on line {first_line}{more}{remedy}",
        line=table.lines[row],
    )


def _check_one_answer_each(table: TextTable, ids: list[str], annotators: list[str], name: str) -> None:
    first: dict[tuple[str, str], int] = {}
    for row, key in enumerate(zip(ids, annotators, strict=True)):
        if not key[1]:
            raise InvalidFile(table.file, f"{name} is empty", line=table.lines[row])
        if first.setdefault(key, row) != row:
            before = table.lines[first[key]]
            problem = f"{key[1]!r} already answered {key[0]!r} on line {before}"
            raise InvalidFile(table.file, problem, line=table.lines[row])
