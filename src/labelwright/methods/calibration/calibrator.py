"""What every map of one confidence can do, and how one is fitted."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Calibrator(Protocol):
    """From raw confidences to P(correct): shape kept, nan stays nan.  A frozen dataclass, see `calibrator_to_json`."""

    @property
    def method(self) -> str:
        """Its name in a record."""
        ...

    @property
    def n_labels(self) -> int:
        """What it was fitted on."""
        ...

    def __call__(self, confidence: ArrayLike, /) -> NDArray[np.float64]:
        """Map confidences of any shape."""
        ...


Fit: TypeAlias = Callable[[ArrayLike, ArrayLike], Calibrator]
"""From (N,) confidences and (N,) "correct" to a map, such as `fit_beta`."""
