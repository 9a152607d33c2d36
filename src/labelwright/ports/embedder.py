"""Texts as vectors, for nearness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

Vectors: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"


class Embedder(Protocol):
    """Turns texts into directions; deterministic, and never taught by labels."""

    @property
    def name(self) -> str:
        """With its version: part of a prompt's hash where demonstrations are chosen by nearness."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(N, D) unit rows; a zero row for a text in which there is nothing to read."""
        ...
