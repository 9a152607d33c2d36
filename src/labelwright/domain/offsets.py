"""Places in a text: Python counts code points, JavaScript and some file formats UTF-16 code units.

Only this file and the page's `domain/offsets.ts` convert, and one fixture is tested on both sides.
"""

from __future__ import annotations

import bisect
from typing import NewType

CodePoints = NewType("CodePoints", int)
Utf16Units = NewType("Utf16Units", int)

_LAST_OF_ONE_UNIT = 0xFFFF


class Offsets:
    """Converts places in one text, both ways; made once, asked often.

    A lone surrogate is one code point and one unit. A place inside a pair belongs to no code point.
    """

    def __init__(self, text: str) -> None:
        self._length = len(text)
        # Places of the characters that take two units: as many as come before a place shift it by one each.
        self._wide = [place for place, character in enumerate(text) if ord(character) > _LAST_OF_ONE_UNIT]
        self._wide_units = [place + before for before, place in enumerate(self._wide)]

    def to_units(self, place: CodePoints) -> Utf16Units:
        """Give the place in UTF-16 units. Raises ValueError, when it is not in the text.

        >>> Offsets("a🦊b").to_units(CodePoints(2))
        3
        """
        if not 0 <= place <= self._length:
            raise ValueError(f"place {place} is not in a text of {self._length} code points")
        return Utf16Units(place + bisect.bisect_left(self._wide, place))

    def to_code_points(self, place: Utf16Units) -> CodePoints:
        """Give the place in code points. Raises ValueError, when it is not in the text or inside a character.

        >>> Offsets("a🦊b").to_code_points(Utf16Units(3))
        2
        """
        length = self._length + len(self._wide)
        if not 0 <= place <= length:
            raise ValueError(f"place {place} is not in a text of {length} UTF-16 units")
        before = bisect.bisect_left(self._wide_units, place)
        if before and self._wide_units[before - 1] == place - 1:
            raise ValueError(f"place {place} is inside the two units of one character")
        return CodePoints(place - before)
