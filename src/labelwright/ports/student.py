"""A small model that learns from a few labels and labels the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np

Options: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.int64]]
Posteriors: TypeAlias = np.ndarray[tuple[int, int, int], np.dtype[np.float64]]


class Student(Protocol):
    """Learns and labels in one step; `U` is the number of units a value of the question unpicks into."""

    @property
    def name(self) -> str: ...

    def label(
        self, texts: Sequence[str], *, labelled: Sequence[int], options_LU: Options, n_options: int
    ) -> Posteriors:
        """Learn from the texts at the places `labelled`, and give (N, U, n_options) probabilities for all N texts.

        options_LU: (L, U) the option of each unit of each labelled text. A unit of which one option alone was seen gets
        that option everywhere; deterministic.
        Raises: InvalidValue, when nothing is labelled.
        """
        ...
