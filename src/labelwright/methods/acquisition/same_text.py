"""Which texts repeat one another but for case, spacing and punctuation."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_NOT_WORD = re.compile(r"[\W_]+")


def same_text(texts: Sequence[str]) -> NDArray[np.int64]:
    """(N,) numbers, equal where the texts have the same letters and digits in the same order.

    Texts without any letter or digit are compared as they stand.

    >>> same_text(["A good film!", "a  GOOD film", "a bad film", "!!", "??"]).tolist()
    [0, 0, 1, 2, 3]
    """
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(_normalised(text), len(seen)) for text in texts], dtype=np.int64)


def _normalised(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_WORD.sub(" ", folded).strip() or f"\0{text}"
