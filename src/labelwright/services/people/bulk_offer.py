"""What may be accepted in bulk: items whose open entries would show what the model says, and that nobody has answered.

Everything blind, drawn for calibration or audit, held by somebody, or shown only after a choice stays at the desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotatorId, EntryId, ItemKey, QuestionName
from labelwright.domain.project import Project
from labelwright.domain.queue import Lease
from labelwright.errors import InvalidValue
from labelwright.ports.item_search import FoundItem, ItemFilter
from labelwright.ports.prediction_reads import SuggestionRow
from labelwright.ports.storage import Views
from labelwright.services.people.annotate import checked_answers
from labelwright.services.people.content_warning import warning_of
from labelwright.services.people.entry_content import shown_content
from labelwright.services.people.explore_items import as_row, checked_filter
from labelwright.services.people.item_media import media_of_item
from labelwright.services.people.suggestion_switch import display_of

MOST_AT_ONCE = 200
Why: TypeAlias = Literal["unknown", "answered", "gone", "held", "desk", "changed"]
"""`answered`: somebody has answered it.  `gone`: it waits for nobody.  `held`: somebody has it.  `changed`: the model
says something else than was shown.  `desk`: it is answered at the desk only."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What accepting an item would answer, and the slots that it fills.  lease: one of them."""

    item: ItemKey
    entries: tuple[EntryId, ...]
    lease: Lease
    shown: Mapping[QuestionName, SuggestionRow]


def schema_seen(project: Project) -> str:
    """Name the questions and guideline in force: what is accepted must have been looked at under these."""
    return f"{project.config.schema.version}.{project.config.guideline.version}"


def offers(
    views: Views, project: Project, keys: Sequence[ItemKey], *, person: AnnotatorId, now: float
) -> dict[ItemKey, Offer | Why]:
    """Say of each item what accepting it would mean to that person, or why it cannot be accepted in bulk."""
    if not keys:
        return {}
    by_item: dict[ItemKey, list[Lease]] = {key: [] for key in keys}
    for lease in views.waiting(project.id, keys):
        by_item[lease.item].append(lease)
    answered, untouched = _answered(views, project, keys)
    return {
        key: _offer(views, project, key, leases, answered=answered, untouched=untouched, person=person, now=now)
        for key, leases in by_item.items()
    }


def _answered(
    views: Views, project: Project, keys: Sequence[ItemKey]
) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """Give the pairs that have an answer; and those that have none and of which nothing blind waits or was drawn."""
    answered, untouched = set[tuple[int, str]](), set[tuple[int, str]]()
    for question in project.config.schema.questions:
        asked = ItemFilter(question.name, keys=tuple(int(key) for key in keys))
        for one in views.find_items(project.id, asked, limit=len(keys)):
            if one.n_answers:
                answered.add((int(one.item.key), question.name))
        for one in views.find_items(project.id, replace(asked, unanswered=True), limit=len(keys)):
            untouched.add((int(one.item.key), question.name))
    return answered, untouched


def _offer(
    views: Views,
    project: Project,
    key: ItemKey,
    leases: Sequence[Lease],
    *,
    answered: set[tuple[int, str]],
    untouched: set[tuple[int, str]],
    person: AnnotatorId,
    now: float,
) -> Offer | Why:
    if not leases:
        return "answered" if any(item == int(key) for item, _ in answered) else "gone"
    first = leases[0]
    if any((int(key), name) in answered for name in first.questions):
        return "answered"
    if any(one.purpose != "review" or one.blind or one.questions != first.questions for one in leases):
        return "desk"
    if any((int(key), name) not in untouched for name in first.questions):
        return "desk"
    if any(one.expires_at > now for one in leases):
        return "held"
    if any(display_of(views, project, one, person).display in ("hidden", "after_choice") for one in leases):
        return "desk"
    shown = _shown(views, project, first)
    return "desk" if shown is None else Offer(key, tuple(one.entry for one in leases), first, shown)


def _shown(views: Views, project: Project, lease: Lease) -> dict[QuestionName, SuggestionRow] | None:
    """Give the model's label of every question that would be asked; None where it has none, or none that fits."""
    rows, schema = views.suggestions(project.id, lease.item, lease.questions), project.config.schema
    shown, said = dict[QuestionName, SuggestionRow](), dict[str, Json]()
    for question in schema.questions:
        if question.name in lease.questions and question in schema.shown(lease.questions, said):
            row = rows.get(question.name)
            if row is not None:
                shown[question.name], said[str(question.name)] = row, row.value
            elif question.required:
                return None
    try:
        checked_answers(views, project, lease, dict(said))
    except InvalidValue:
        return None
    return shown


def grid(
    views: Views, project: Project, asked: ItemFilter, *, person: AnnotatorId, after: int, limit: int, now: float
) -> dict[str, Json]:
    """Give the cards of found items that may be accepted in bulk, and how many of the looked-at may not.

    `next` continues it; None at the end.
    """
    wanted = replace(checked_filter(project, asked), unanswered=True, waiting="open")
    found = views.find_items(project.id, wanted, after=after, limit=limit)
    offered = offers(views, project, [one.item.key for one in found], person=person, now=now)
    cards: list[Json] = []
    for one in found:
        offer = offered[one.item.key]
        if isinstance(offer, Offer) and wanted.question in offer.shown:
            cards.append(_card(project, one, offer))
    return {
        "version": schema_seen(project),
        "question": wanted.question,
        "cards": cards,
        "n_left_out": len(found) - len(cards),
        "next": str(found[-1].item.key) if len(found) == limit else None,
        "most_at_once": MOST_AT_ONCE,
    }


def _card(project: Project, found: FoundItem, offer: Offer) -> dict[str, Json]:
    content = shown_content(project, found.item)
    return {
        "id": found.item.id,
        "excerpt": as_row(project, found)["excerpt"],
        "media": media_of_item(project, found.item, content),
        "warning": warning_of(project, found.item),
        "probability": found.probability,
        "shown": {str(name): {"value": row.value, "prediction": row.prediction} for name, row in offer.shown.items()},
    }
