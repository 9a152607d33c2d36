"""What a person is shown of an entry, and nothing else (B1, B2).

Entries without suggestions (calibration, audit, the blind share of review, all where the policy hides them) look alike:
same keys, same neutral values, no reason.
Only the fields the project shows leave; metadata never does, since it may hold the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotatorId
from labelwright.domain.item import Item
from labelwright.domain.project import Project
from labelwright.domain.queue import Draft, Lease
from labelwright.errors import NotFound
from labelwright.ports.storage import SuggestionRow, Views
from labelwright.services.people.entry_content import shown_content
from labelwright.services.people.item_media import shown_media
from labelwright.services.people.lease_token import Claim, seal
from labelwright.services.people.suggestion_switch import suggestions_are_shown


def entry_cards(
    views: Views, project: Project, annotator: AnnotatorId, leases: Sequence[Lease]
) -> list[dict[str, Json]]:
    """Give leased entries as the person sees them, in the order of the leases."""
    items = {item.key: item for item in views.items_by_key(project.id, [lease.item for lease in leases])}
    return [_card(views, project, annotator, lease, items.get(lease.item)) for lease in leases]


def shows_suggestions(views: Views, project: Project, lease: Lease) -> bool:
    """Say whether this entry goes out with the model's suggestions."""
    return not lease.blind and suggestions_are_shown(views, project)


def instant(epoch_seconds: float) -> str:
    """Write a time as RFC 3339 in UTC, to the second.

    >>> instant(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _card(views: Views, project: Project, annotator: AnnotatorId, lease: Lease, item: Item | None) -> dict[str, Json]:
    if item is None:
        raise NotFound(f"the item of this entry is no longer in project {project.name!r}; take the next one")
    shown = shows_suggestions(views, project, lease)
    suggestions = views.suggestions(project.id, lease.item, lease.questions) if shown else None
    token = seal(project.id, annotator, Claim(lease.entry, lease.fence, shown))
    content = shown_content(project, item)
    return {
        "lease": token,
        "expires_at": instant(lease.expires_at),
        "item": {
            "id": item.id,
            "content": content,
            "metadata": {},
            "media": shown_media(project, token, content),
        },
        "questions": list(lease.questions),
        "suggestions": None if suggestions is None else _suggestions(suggestions),
        # The reason says how sure the model is: it goes with the suggestion, and is hidden with it.
        "reason": lease.reason if shown else None,
        "round": lease.round if shown else 0,
        "draft": _draft(views.draft(annotator, lease.entry), lease),
    }


def _draft(draft: Draft | None, lease: Lease) -> Json:
    # Questions that the entry asked when it was begun may be gone.
    answers = {} if draft is None else {name: value for name, value in draft.answers.items() if name in lease.questions}
    return {"answers": answers, "seconds": draft.seconds} if draft is not None and answers else None


def _suggestions(rows: Mapping[str, SuggestionRow]) -> dict[str, Json]:
    return {
        question: {
            "value": row.value,
            "probability": row.probability,
            "model": row.model,
            "reasoning": row.reasoning,
            "confidence_note": _note(row.probability),
        }
        for question, row in rows.items()
    }


def _note(probability: float | None) -> str:
    if probability is None:
        return "how often the model is right here is not known"
    return f"about {round(100 * probability)} of 100 suggestions like this one were right"
