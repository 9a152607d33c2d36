"""Accept what the model says of many items at once, and have a random sample of it looked at blind.

Each accepted item gets the person's answers with the purpose `bulk`, given with the suggestion in view: they are
evidence about nothing, and any answer that somebody gives to the item by itself outweighs them. The spot check is drawn
in the same transaction, after the acceptance is fixed; it says how many of this act may be wrong, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import orjson

from labelwright.domain.annotation import Annotation
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json, canonical_json, commitment
from labelwright.domain.ids import AnnotationId
from labelwright.domain.project import Project
from labelwright.domain.queue import NewEntry
from labelwright.errors import Conflict, InvalidValue
from labelwright.events import AnnotationSubmitted, ItemsRouted, RunFinished, RunStarted
from labelwright.events.base import Event
from labelwright.methods.spot_check import sample_size
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.people.bulk_offer import MOST_AT_ONCE, Offer, Why, offers, schema_seen
from labelwright.services.people.remarks import by_person
from labelwright.services.projects.idempotency import once

BULK: Final = "bulk-accept"
"""The kind of run that a bulk act is."""
_PRIORITY: Final = 0.99
"""After calibration and audit, before most of review."""
_ALONE_ROUND: Final = -2_000_000
"""Where nobody else labels, the person looks again themselves, in rounds of its own that count down from here."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An item as the person saw it.  shown: by question, the label and the number of the prediction it is."""

    id: str
    shown: Mapping[str, tuple[Json, int]]


def accept_in_bulk(
    tx: Transaction,
    project: Project,
    person: Annotator,
    *,
    seen: Sequence[Seen],
    version: str,
    most_wrong: float,
    seconds: float,
    key: str,
    world: World,
) -> StoredResponse:
    """Record these labels as the person's answers, item by item whole or not at all; say which were not, and why.

    version: what `schema_seen` said when the items were shown.  most_wrong: the share that a faultless spot check rules
    out, at 95 %.  seconds: the time the person took for all of them.  Idempotent under its key.
    Raises: Conflict, when questions or guideline changed since; InvalidValue.
    """

    def act() -> tuple[int, bytes]:
        if version != schema_seen(project):
            raise Conflict("the questions or the guideline have changed since these were shown: look at them again")
        _check(seen)
        taken, conflicts = _sorted_out(tx, project, person, seen, now=world.now())
        if not taken:
            return 200, orjson.dumps({"act": None, "n_accepted": 0, "conflicts": conflicts, "spot_check": None})
        made = world.new_id()
        answers = [_answers(tx, project, person, offer, seconds=seconds / len(taken), world=world) for offer in taken]
        check = _spot_check(tx, project, person, taken, most_wrong=most_wrong, world=world)
        parameters: dict[str, Json] = {
            "by": person.id,
            "version": version,
            "items": [int(one.item) for one in taken],
            "submissions": [one[0].annotation.submission for one in answers],
            **check.logged,
        }
        events: list[Event] = [
            RunStarted(project.id, made, BULK, parameters),
            *(event for one in answers for event in one),
            ItemsRouted(project.id, made, project.config.version, (), check.entries),
            RunFinished(project.id, made, {"accepted": len(taken), "conflicts": len(conflicts)}),
        ]
        for offer, one in zip(taken, answers, strict=True):
            for entry in offer.entries:
                if not tx.fill_entry(entry, person.id, one[0].annotation.submission, now=world.now()):
                    raise Conflict("somebody took one of these items at this very moment; send it again")
        tx.append(events, by_person(person, world, run=made))
        told = {
            "n": len(check.entries),
            "most_wrong": most_wrong,
            "inclusion_probability": check.logged["inclusion_probability"],
            "by_another": check.logged["by_another"],
        }
        body = {"act": made, "n_accepted": len(taken), "conflicts": conflicts, "spot_check": told}
        return 201, orjson.dumps(body)

    shown = [[one.id, {name: list(what) for name, what in one.shown.items()}] for one in seen]
    request = ["bulk", project.id, shown, version, most_wrong, seconds]
    return once(tx, key, person.id, request=request, now=world.now(), act=act)


def _check(seen: Sequence[Seen]) -> None:
    if not 1 <= len(seen) <= MOST_AT_ONCE:
        raise InvalidValue("items", f"must be 1 to {MOST_AT_ONCE}, got {len(seen)}", "; accept the rest in another act")
    names = [one.id for one in seen]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidValue("items", f"item {twice[:100]!r} is named twice")


def _sorted_out(
    tx: Transaction, project: Project, person: Annotator, seen: Sequence[Seen], *, now: float
) -> tuple[list[Offer], list[dict[str, str]]]:
    """Give what can be accepted as it was shown, and the others with the reason."""
    known = {one.id: item.key for one in seen if (item := tx.item_by_id(project.id, one.id)) is not None}
    offered = offers(tx, project, list(known.values()), person=person.id, now=now)
    taken: list[Offer] = []
    conflicts: list[dict[str, str]] = []
    for one in seen:
        offer: Offer | Why = offered[known[one.id]] if one.id in known else "unknown"
        if isinstance(offer, Offer):
            now_said = {str(name): [row.value, row.prediction] for name, row in offer.shown.items()}
            was_said = {name: list(what) for name, what in one.shown.items()}
            if canonical_json(now_said) == canonical_json(was_said):
                taken.append(offer)
                continue
            offer = "changed"
        conflicts.append({"id": one.id, "why": offer})
    return taken, conflicts


def _answers(
    tx: Transaction, project: Project, person: Annotator, offer: Offer, *, seconds: float, world: World
) -> list[AnnotationSubmitted]:
    submission, salt = world.new_id(), tx.item_salt(offer.item)
    return [
        AnnotationSubmitted(
            project.id,
            Annotation(
                id=AnnotationId(world.new_id()),
                item=offer.item,
                question=question,
                annotator=person.id,
                round=offer.lease.round,
                purpose="bulk",
                value=row.value,
                schema_version=project.config.schema.version,
                guideline_version=project.config.guideline.version,
                seconds=round(seconds, 3),
                suggestion_shown=True,
                status="active",
                created_at=world.timestamp(),
                submission=submission,
            ),
            commitment(salt, row.value),
        )
        for question, row in offer.shown.items()
    ]


@dataclass(frozen=True, slots=True)
class _SpotCheck:
    entries: tuple[NewEntry, ...]
    logged: dict[str, Json]


def _spot_check(
    tx: Views, project: Project, person: Annotator, taken: Sequence[Offer], *, most_wrong: float, world: World
) -> _SpotCheck:
    """Draw the sample, once the acceptance is fixed, by a seed that nobody could foresee and that is written down."""
    number = sum(run.kind == BULK for run in tx.runs(project.id))
    n, seed = sample_size(len(taken), most_wrong), int.from_bytes(world.random_bytes(8), "big")
    order = cast("list[int]", np.random.default_rng(seed).permutation(len(taken))[:n].tolist())
    by_another = any(one.id != person.id and one.kind in ("human", "simulated") for one in tx.annotators(project.id))
    entries = tuple(
        NewEntry(
            item=taken[place].item,
            questions=taken[place].lease.questions,
            purpose="spot-check",
            slot=number,
            priority=_PRIORITY - rank / (100 * n),
            blind=True,
            reason="",
            # Nobody is asked twice in a round: in that of their acceptance the person never gets it.
            round=taken[place].lease.round if by_another else _ALONE_ROUND - number,
        )
        for rank, place in enumerate(order)
    )
    logged: dict[str, Json] = {
        "number": number,
        "most_wrong": most_wrong,
        "seed": str(seed),
        "sample": [int(one.item) for one in entries],
        "inclusion_probability": round(n / len(taken), 9),
        "by_another": by_another,
    }
    return _SpotCheck(entries, logged)
