"""Choose a point on a scale of whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.label_list import check_display
from labelwright.tasks.protocol import Ballots, Posterior, Shown
from labelwright.tasks.read_settings import check_known, read_text, read_whole, shown

_MOST_POINTS = 101
DISPLAYS = ("points", "slider")
"""How the page shows it: a button for each point, or a slider."""


@dataclass(frozen=True)
class RatingTask:
    """One unit with ordered options; a value is a whole number.

    points_off: how many points a certificate lets pass; `distance` is the share of the whole scale.
    """

    least: int
    most: int
    least_title: str | None = None
    most_title: str | None = None
    points_off: int = 0
    name: str = "labelwright/rating"

    @property
    def tolerance(self) -> float:
        return self.distance(self.least, self.least + self.points_off)

    def parse(self, raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise InvalidValue("", f"{shown(raw)} is no whole number", f"; give one from {self.least} to {self.most}")
        if not self.least <= raw <= self.most:
            raise InvalidValue("", f"{shown(raw)} is not on the scale", f"; it goes from {self.least} to {self.most}")
        return raw

    def check_item(self, value: int, content: Mapping[str, Json]) -> None:
        """Any point may be any item's."""

    def dump(self, value: int) -> Json:
        return value

    def answer_schema(self) -> dict[str, Json]:
        return {"type": "integer", "enum": list(range(self.least, self.most + 1))}

    def read_answer(self, raw: object, shown: Shown) -> int:
        return self.parse(raw)

    def write_answer(self, value: int, shown: Shown) -> Json:
        return value

    def describe(self) -> str:
        ends = [
            f"{point} means: {title}"
            for point, title in ((self.least, self.least_title), (self.most, self.most_title))
            if title
        ]
        told = f" ({'; '.join(ends)})" if ends else ""
        return f"Give one whole number from {self.least} to {self.most}{told}."

    def decompose(self, values: Sequence[int]) -> Ballots:
        options = [value - self.least for value in values]
        width = self.most - self.least + 1
        return Ballots([0] * len(values), list(range(len(values))), options, 1, width, is_ordered=True)

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> int:
        """Give the median; between two points, the lower.  An even posterior has no middle: it gives the first."""
        weights = np.asarray(posterior[0], dtype=float)
        if weights.max() - weights.min() < 1e-12:
            return self.least
        total = np.cumsum(weights)
        return self.least + int(np.argmax(total >= total[-1] / 2 - 1e-12))

    def distance(self, a: int, b: int) -> float:
        return abs(a - b) / (self.most - self.least)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


class Rating:
    """The task type."""

    name = "labelwright/rating"
    alias = "rating"

    def bind(self, settings: Mapping[str, Json]) -> RatingTask:
        check_known(settings, ("min", "max", "min_title", "max_title", "tolerance", "display"))
        check_display(settings, DISPLAYS)
        least = read_whole(settings, "min", 1, least=-1000, most=1000)
        most = read_whole(settings, "max", 5, least=least + 1, most=least + _MOST_POINTS - 1)
        return RatingTask(
            least,
            most,
            read_text(settings, "min_title"),
            read_text(settings, "max_title"),
            read_whole(settings, "tolerance", 0, least=0, most=most - least - 1),
        )

    def settings_schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "properties": {
                "min": {"type": "integer"},
                "max": {"type": "integer"},
                "min_title": {"type": "string"},
                "max_title": {"type": "string"},
                "tolerance": {"type": "integer", "minimum": 0},
                "display": {"type": "string", "enum": list(DISPLAYS)},
            },
            "additionalProperties": False,
        }


TASK_TYPE = Rating()
