"""Write a text: a summary, a translation, a correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.edit_distance import edit_distance
from labelwright.tasks.protocol import Ballots, Posterior, Shown
from labelwright.tasks.quotes import one_field
from labelwright.tasks.read_settings import check_known, read_flag, read_one_of, read_share, read_text, read_whole
from labelwright.tasks.read_settings import shown as in_short

BLANKS = ("trim", "keep", "collapse")
_MOST_CHARACTERS = 100_000


@dataclass(frozen=True)
class TextTask:
    r"""The distinct answers of an item are its options; a value is a text.

    blanks: trim = those at both ends are no part of a value; collapse = runs of them are one blank besides; keep = all
    are.  correct: the field whose text an answer sets right.  A line ends with \n, whatever the writer's system.
    `distance` is the edit distance over the longer length.
    """

    most: int = 10_000
    blanks: str = "trim"
    may_be_empty: bool = False
    tolerance: float = 0.0
    correct: str | None = None
    name: str = "labelwright/text"

    def parse(self, raw: object) -> str:
        if not isinstance(raw, str):
            raise InvalidValue("", f"{in_short(raw)} is no text", "; a text is needed")
        try:
            raw.encode()
        except UnicodeEncodeError:
            raise InvalidValue("", "the text holds half a character (a lone surrogate)", "; send whole ones") from None
        text = raw.replace("\r\n", "\n").replace("\r", "\n")
        if self.blanks == "collapse":
            text = " ".join(text.split())
        elif self.blanks == "trim":
            text = text.strip()
        if not text and not self.may_be_empty:
            raise InvalidValue("", "the text is empty", "; write something")
        if len(text) > self.most:
            raise InvalidValue("", f"the text has {len(text):,} characters", f"; the most is {self.most:,}")
        return text

    def check_item(self, value: str, content: Mapping[str, Json]) -> None:
        """Any text may be any item's; to correct one, there must be one."""
        if self.correct is not None:
            one_field(content, self.correct)

    def dump(self, value: str) -> Json:
        return value

    def answer_schema(self) -> dict[str, Json]:
        return {"type": "string"}

    def read_answer(self, raw: object, shown: Shown) -> str:
        return self.parse(raw)

    def write_answer(self, value: str, shown: Shown) -> Json:
        return value

    def describe(self) -> str:
        empty = " It may be empty." if self.may_be_empty else ""
        if self.correct is not None:
            task = f"Correct the text in `{self.correct}`: write it anew whole, with nothing changed but what is wrong."
            return f"{task} At most {self.most:,} characters.{empty}"
        return f"Write a text of at most {self.most:,} characters.{empty}"

    def decompose(self, values: Sequence[str]) -> Ballots:
        options = sorted(set(values))
        place = {text: at for at, text in enumerate(options)}
        n = len(values)
        said = [place[value] for value in values]
        return Ballots([0] * n, list(range(n)), said, 1, max(len(options), 1), "local", meaning=options)

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> str:
        """Give the medoid: the answer that is nearest to all answers, each weighted by its share."""
        options = cast("Sequence[str]", ballots.meaning)
        weights = np.asarray(posterior[0], dtype=float)
        if len(options) < 3:  # of one or two, the weightier is nearer
            return options[int(np.argmax(weights))]
        apart = np.zeros((len(options), len(options)))
        for i, one in enumerate(options):
            for j in range(i):
                apart[i, j] = apart[j, i] = self.distance(one, options[j])
        return options[int(np.argmin(np.round(apart @ weights, 12)))]

    def distance(self, a: str, b: str) -> float:
        return edit_distance(a, b) / max(len(a), len(b), 1)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


class Text:
    """The task type."""

    name = "labelwright/text"
    alias = "text"

    def bind(self, settings: Mapping[str, Json]) -> TextTask:
        check_known(settings, ("max_length", "whitespace", "allow_empty", "tolerance", "correct"))
        return TextTask(
            read_whole(settings, "max_length", 10_000, least=1, most=_MOST_CHARACTERS),
            read_one_of(settings, "whitespace", BLANKS),
            read_flag(settings, "allow_empty", default=False),
            read_share(settings, "tolerance", 0.0),
            read_text(settings, "correct"),
        )

    def settings_schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "properties": {
                "max_length": {"type": "integer", "minimum": 1, "maximum": _MOST_CHARACTERS},
                "whitespace": {"enum": list(BLANKS)},
                "allow_empty": {"type": "boolean"},
                "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
                "correct": {"type": "string"},
            },
            "additionalProperties": False,
        }


TASK_TYPE = Text()
