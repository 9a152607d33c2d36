"""Demonstrations: items people have labelled, shown before the item that is to be labelled.

Each is written as its own delimited block, then the answers, then, where there is one, the explanation. They stand as
text and not as turns of the model's own: every provider takes them so, and no turn teaches the model to leave out the
confidence that people do not give. Everything an item says is neutralised, in answers and explanations too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from labelwright.domain.canonical import Json
from labelwright.prompting.block import item_block, neutralise

_FIXED = "# Examples\n\nThese items are labelled already. The item to label is in the message that follows."
_CHOSEN = "These items are labelled already; the last is the most similar to yours."
_NEXT = "The item to label:"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A reviewed item with its answers.

    answers: question -> the answer as a model should have written it (`Task.write_answer`).
    explanation: why they are right; None = none was asked for.  item_id: the item's, so that none demonstrates itself.
    """

    content: Mapping[str, Json]
    answers: Mapping[str, Json]
    explanation: str | None = None
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """An example with its explanation, if one could be had.

    agrees: whether the model, asked blind, gives people's answers; None = not asked, or it gave none.
    """

    demonstration: Demonstration
    agrees: bool | None
    problem: str | None = None


def fixed_examples(demonstrations: Sequence[Demonstration], fields: Sequence[str]) -> str:
    """Write demonstrations that are the same for every item, as the end of the static part."""
    return "\n\n".join([_FIXED, *(_written(demonstration, fields) for demonstration in demonstrations)]) + "\n"


def chosen_examples(demonstrations: Sequence[Demonstration], fields: Sequence[str]) -> str:
    """Write demonstrations chosen for one item, the nearest last, as what stands right before its block."""
    return (
        "\n\n".join([_CHOSEN, *(_written(demonstration, fields) for demonstration in demonstrations), _NEXT]) + "\n\n"
    )


def _written(demonstration: Demonstration, fields: Sequence[str]) -> str:
    answers = orjson.dumps(dict(demonstration.answers)).decode()
    lines = [item_block(demonstration.content, fields), f"Its answers: {neutralise(answers)}"]
    if demonstration.explanation:
        lines.append(f"Why: {neutralise(demonstration.explanation)}")
    return "\n".join(lines)
