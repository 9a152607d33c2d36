"""What a person has seen of the labels of an item: after that, no answer of theirs about it is blind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from labelwright.domain.ids import ItemKey, QuestionName

Way: TypeAlias = Literal[
    "suggestion", "answered", "assistant", "objection", "history", "remarks", "explore", "bulk", "cockpit", "examples"
]
"""Where it was seen.  `suggestion`: sent to their desk, or revealed there.  `answered`: an answer of theirs was given
with a label in view.  `objection`: what a judging model says against their answer.  The others are pages and parts of
the page."""
EVERY_QUESTION: Final = QuestionName("*")
NO_ROUND: Final = -1
OF_THE_ENTRY: Final[frozenset[Way]] = frozenset({"suggestion", "answered", "assistant", "objection"})
"""Ways that belong to the entry by which the person answers, where the round is the same."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A person was shown a label of a question that was not theirs: a model's, another person's, or one of record.

    question: `*` = it may tell of any.  round: of the entry it was seen with; -1 where there is none.
    """

    item: ItemKey
    question: QuestionName
    way: Way
    round: int = NO_ROUND

    def is_of(self, question: str) -> bool:
        """Whether it tells of that question."""
        return self.question in (question, EVERY_QUESTION)

    def is_elsewhere(self, in_round: int) -> bool:
        """Whether it came otherwise than with the entry of that round."""
        return self.way not in OF_THE_ENTRY or self.round != in_round
