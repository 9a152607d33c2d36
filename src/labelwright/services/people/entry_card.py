"""What a person is shown of an entry, and nothing else (B1, B2).

Where the suggestion is revealed after the choice, the card holds nothing of it until the first answer is stored.

Entries without suggestions (calibration, audit, the blind share of review, all where the policy hides them) look alike:
same keys, same neutral values, no reason.
Only the fields the project shows leave; metadata never does, since it may hold the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotatorId
from labelwright.domain.item import Item
from labelwright.domain.project import Project
from labelwright.domain.queue import Draft, Lease
from labelwright.errors import NotFound
from labelwright.ports.prediction_reads import SuggestionRow
from labelwright.ports.storage import Views
from labelwright.services.people.content_warning import warning_of
from labelwright.services.people.entry_content import shown_content
from labelwright.services.people.item_media import media_of_lease
from labelwright.services.people.lease_token import Claim, seal
from labelwright.services.people.suggestion_switch import Drawn, display_of


def entry_cards(
    views: Views, project: Project, annotator: AnnotatorId, leases: Sequence[Lease]
) -> list[dict[str, Json]]:
    """Give leased entries as the person sees them, in the order of the leases."""
    items = {item.key: item for item in views.items_by_key(project.id, [lease.item for lease in leases])}
    return [
        _card(
            views,
            project,
            annotator,
            lease,
            item=items.get(lease.item),
            drawn=display_of(views, project, lease, annotator),
        )
        for lease in leases
    ]


def revealed_card(
    views: Views, project: Project, annotator: AnnotatorId, lease: Lease, claim: Claim
) -> dict[str, Json]:
    """Give the card of an entry whose first answers are stored, under the claim by which the person holds it.

    The policy may have changed since the claim; what was promised with it stands.
    """
    item = next(iter(views.items_by_key(project.id, [lease.item])), None)
    drawn = Drawn(claim.display, claim.probability)
    return _card(views, project, annotator, lease, item=item, drawn=drawn)


def instant(epoch_seconds: float) -> str:
    """Write a time as RFC 3339 in UTC, to the second.

    >>> instant(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _card(
    views: Views, project: Project, annotator: AnnotatorId, lease: Lease, *, item: Item | None, drawn: Drawn
) -> dict[str, Json]:
    if item is None:
        raise NotFound(f"the item of this entry is no longer in project {project.name!r}; take the next one")
    waits = drawn.display == "after_choice"
    first = views.first_answers_of(project.id, annotator, lease.item, lease.round) if waits else {}
    shown = bool(first) if waits else drawn.display != "hidden"
    token = seal(project.id, annotator, Claim(lease.entry, lease.fence, drawn.display, drawn.probability))
    content = shown_content(project, item)
    return {
        "lease": token,
        "expires_at": instant(lease.expires_at),
        "item": {
            "id": item.id,
            "content": content,
            "metadata": {},
            "media": media_of_lease(project, token, content),
            "warning": warning_of(project, item),
        },
        "questions": list(lease.questions),
        "suggestions": _suggestions(views, project, lease) if shown else None,
        "display": drawn.display,
        "first_answers": {name: one.value for name, one in first.items()} if first else None,
        # The reason says how sure the model is: it goes with the suggestion, and is hidden with it.
        "reason": lease.reason if shown else None,
        # Under the same round before and after it is revealed: the page knows an entry by it.
        "round": lease.round if shown and not waits else 0,
        "draft": _draft(views.draft(annotator, lease.entry), lease),
    }


def _draft(draft: Draft | None, lease: Lease) -> Json:
    # Questions that the entry asked when it was begun may be gone.
    answers = {} if draft is None else {name: value for name, value in draft.answers.items() if name in lease.questions}
    return {"answers": answers, "seconds": draft.seconds} if draft is not None and answers else None


def _suggestions(views: Views, project: Project, lease: Lease) -> dict[str, Json]:
    rows = views.suggestions(project.id, lease.item, lease.questions)
    models = [one.model for one in project.config.models]
    opinions = views.opinions(project.id, lease.item, list(rows), models) if len(models) > 1 else {}
    return {question: _suggestion(row, opinions.get(question, [])) for question, row in rows.items()}


def _suggestion(row: SuggestionRow, opinions: Sequence[SuggestionRow]) -> dict[str, Json]:
    return {
        "value": row.value,
        "probability": row.probability,
        "model": row.model,
        "source": _MADE_OF_SEVERAL.get(row.model, "model"),
        "prompt": row.prompt_hash[:8],
        "guideline_version": row.guideline_version,
        "reasoning": row.reasoning,
        "confidence_note": _note(row.probability),
        # One alone is the suggestion itself.
        "opinions": [_opinion(one, row) for one in opinions] if len(opinions) > 1 else [],
    }


def _opinion(one: SuggestionRow, suggested: SuggestionRow) -> dict[str, Json]:
    is_suggestion = one.prediction == suggested.prediction
    return {
        "model": one.model,
        "value": one.value,
        "probability": suggested.probability if is_suggestion else None,
        "reasoning": one.reasoning,
        "prompt": one.prompt_hash[:8],
    }


_MADE_OF_SEVERAL = {"jury": "jury", "cascade": "cascade", "combined": "combined"}


def _note(probability: float | None) -> str:
    if probability is None:
        return "how often the model is right here is not known"
    return f"about {round(100 * probability)} of 100 suggestions like this one were right"
