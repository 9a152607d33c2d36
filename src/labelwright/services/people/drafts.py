"""What a person has begun to answer: kept on the server, so that a reload or another device goes on with it.

A draft is no event and no label: nothing reads it but the page of the person who wrote it. It is kept as the page sent
it, half-finished values included; the task types read what is submitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import orjson

from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.domain.queue import Draft
from labelwright.errors import Conflict, InvalidInput, InvalidValue, LeaseLost, NotFound, did_you_mean
from labelwright.ports.storage import Transaction
from labelwright.ports.world import World
from labelwright.services.people.lease_token import unseal

MOST_BYTES = 1_048_576


def keep_draft(
    tx: Transaction,
    project: Project,
    annotator: Annotator,
    *,
    lease: str,
    answers: Mapping[str, object],
    seconds: float,
    world: World,
) -> None:
    """Keep what was begun on an entry; the last one sent stands. No answers: forget it.

    seconds: time at work on it so far.
    Raises: NotFound, InvalidValue, InvalidInput; Conflict where the entry is answered, LeaseLost where somebody has
    taken it since. One that was given back and not taken again still takes it: who leaves a page does both at once.
    """
    claim = unseal(project.id, annotator.id, lease)
    found = tx.held(project.id, claim.entry) if claim is not None else None
    if claim is None or found is None:
        raise NotFound("there is no such lease of yours here; take the next entry")
    row, _holder, state = found
    if state == "done":
        raise Conflict("this entry is answered; undo that submission to change it")
    if row.fence != claim.fence:  # it grows with every claim
        raise LeaseLost("this entry was taken again since; an answer would still be kept as an extra vote")
    for name in answers:
        if name not in row.questions:
            hint = did_you_mean(name[:100], row.questions)
            raise InvalidValue(f"answers.{name[:100]}", "this entry does not ask it", hint)
    if answers:
        tx.keep_draft(annotator.id, claim.entry, Draft(_storable(answers), seconds), now=world.now())
    else:
        tx.forget_draft(annotator.id, claim.entry)


def _storable(answers: Mapping[str, object]) -> dict[str, Json]:
    try:
        size = len(orjson.dumps(answers))
    except (TypeError, ValueError) as error:
        raise InvalidInput("the draft holds what cannot be stored (half a character?); send plain JSON") from error
    if size > MOST_BYTES:
        raise InvalidValue("answers", f"a draft of {size} bytes is too long to keep", f"; at most {MOST_BYTES}")
    return cast("dict[str, Json]", dict(answers))
