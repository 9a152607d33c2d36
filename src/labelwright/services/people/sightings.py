"""What people are shown of an item's labels, written down: whoever has seen one answers no longer blind.

Every way by which a label that is not their own leaves the server for a person passes here, before it is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotatorId, ItemKey, ProjectId, QuestionName
from labelwright.domain.project import Project
from labelwright.domain.provenance import Provenance
from labelwright.domain.queue import Lease
from labelwright.domain.sighting import EVERY_QUESTION, Sighting, Way
from labelwright.events import LabelsSeen
from labelwright.ports.item_search import FoundItem
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.people.item_at_hand import concerns, item_at_hand

_IN_ONE_EVENT = 1000
_LABELS = frozenset({"predicted", "routed", "resolved", "restored", "answered", "objected"})


def seen_before(
    views: Views, annotator: AnnotatorId, item: ItemKey, questions: Iterable[QuestionName]
) -> dict[QuestionName, list[Sighting]]:
    """Give where this person has seen a label of each question of the item, first things first; empty: they are blind.

    This alone says whether an answer that they give now is blind (`Annotation.is_blind` keeps it).
    """
    seen = views.seen_by(annotator, [item])
    return {question: [one for one in seen if one.is_of(question)] for question in questions}


def not_noted(views: Views, annotator: AnnotatorId, sightings: Iterable[Sighting]) -> list[Sighting]:
    """Leave out what is known to have been seen in that way."""
    wanted = list(dict.fromkeys(sightings))
    if not wanted:
        return []
    known = set(views.seen_by(annotator, list(dict.fromkeys(one.item for one in wanted))))
    return [one for one in wanted if one not in known]


def note_seen(
    tx: Transaction, project: ProjectId, annotator: AnnotatorId, sightings: Iterable[Sighting], *, world: World
) -> None:
    """Write down what is about to be shown.  Appends: LabelsSeen, once per person, item, question, way and round."""
    new = not_noted(tx, annotator, sightings)
    parts = [tuple(new[start : start + _IN_ONE_EVENT]) for start in range(0, len(new), _IN_ONE_EVENT)]
    if parts:
        by = Provenance(actor=annotator, at=world.timestamp(), via="api", version=world.version)
        tx.append([LabelsSeen(project, annotator, part) for part in parts], by)


# ---------------------------------------------------------------- what each page shows


def of_cards(leases: Sequence[Lease], cards: Sequence[Mapping[str, Json]]) -> list[Sighting]:
    """Give what the desk's cards show: nothing of those that hide."""
    return [
        Sighting(lease.item, QuestionName(name), "suggestion", lease.round)
        for lease, card in zip(leases, cards, strict=True)
        for name in _names(card["suggestions"])
    ]


def of_history(views: Views, project: Project, viewer: Annotator, id: str) -> list[Sighting]:
    """Give what an item's life tells that person: all labels a manager; others what was remarked, where they see it.

    Raises: NotFound, as the history itself.
    """
    found = item_at_hand(views, project, viewer, id)
    ways = list[Sighting]()
    if any(
        row.kind == "remarked" and (found.is_manager or found.has_answered) and not concerns(row, viewer.id)
        for row in found.trail
    ):
        ways.append(Sighting(found.item.key, EVERY_QUESTION, "remarks"))
    if found.is_manager:
        told = (
            row.question
            for row in found.trail
            if row.kind in _LABELS and row.question is not None and not concerns(row, viewer.id)
        )
        ways += [Sighting(found.item.key, QuestionName(name), "history") for name in dict.fromkeys(told)]
        if any(row.kind == "assisted" and not concerns(row, viewer.id) for row in found.trail):
            ways.append(Sighting(found.item.key, EVERY_QUESTION, "history"))
    return ways


def of_rows(rows: Sequence[FoundItem], question: str) -> list[Sighting]:
    """Give what a list of items shows: the question's label, the model's, how sure it is."""
    return [
        Sighting(one.item.key, QuestionName(question), "explore")
        for one in rows
        if one.label is not None or one.predicted is not None or one.probability is not None
    ]


def of_named(views: Views, project: Project, shown: Mapping[str, Collection[str]], way: Way) -> list[Sighting]:
    """Give what a page shows that names items by the users' ids.  shown: questions by item id."""
    items = ((views.item_by_id(project.id, name), questions) for name, questions in shown.items())
    return [
        Sighting(item.key, QuestionName(question), way)
        for item, questions in items
        if item is not None
        for question in questions
    ]


def _names(shown: Json) -> list[str]:
    return list(shown) if isinstance(shown, Mapping) else []
