"""Votes as integer columns: what every aggregation and agreement method reads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Votes:
    """One row per vote: (V,) unit, annotator and option, each a code from 0; people and models never share a table."""

    unit: Ints
    annotator: Ints
    option: Ints
    n_units: int
    n_annotators: int
    n_options: int


def votes(
    unit: ArrayLike,
    annotator: ArrayLike,
    option: ArrayLike,
    *,
    n_units: int | None = None,
    n_annotators: int | None = None,
    n_options: int | None = None,
) -> Votes:
    """Check three columns and count what is not stated."""
    columns = [np.asarray(column, dtype=np.int64) for column in (unit, annotator, option)]
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise InvalidValue("votes", f"the three columns must be equally long, got {[c.shape for c in columns]}")
    counts: list[int] = []
    for name, column, stated in zip(
        ("unit", "annotator", "option"), columns, (n_units, n_annotators, n_options), strict=True
    ):
        least = int(column.max()) + 1 if column.size else 0
        if column.size and column.min() < 0:
            raise InvalidValue(f"votes.{name}", f"codes start at 0, got {column.min()}")
        if stated is not None and stated < least:
            raise InvalidValue(f"votes.{name}", f"code {least - 1} is not below the stated count {stated}")
        counts.append(least if stated is None else stated)
    return Votes(columns[0], columns[1], columns[2], counts[0], counts[1], counts[2])


def count_table(table: Votes) -> NDArray[np.float64]:
    """(units, options) number of votes."""
    cell = table.unit * table.n_options + table.option
    return (
        np.bincount(cell, minlength=table.n_units * table.n_options)
        .reshape(table.n_units, table.n_options)
        .astype(np.float64)
    )
