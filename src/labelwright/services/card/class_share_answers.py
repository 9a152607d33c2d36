"""What people's answers say of one class: whoever wrote it otherwise, or answered what was not drawn, is told. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from labelwright.errors import InvalidValue
from labelwright.services.card.class_share import SharePlan

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class ClassAnswers:
    """share: id → share of people who said the class, of drawn items only.  remarks: what the figure leaves out."""

    share: dict[str, float]
    remarks: tuple[str, ...]


def class_answers(plan: SharePlan, votes: Mapping[str, Sequence[str]], known: Collection[str]) -> ClassAnswers:
    """Read votes, id → labels, as yes or no to the plan's class.

    known: the labels of the predictions. Another one counts as "not the class", and is told: it may be a slip.
    Items that were not drawn are left out: whoever answered them chose them.
    Raises: InvalidValue, when a label is the class but for capitals or spaces: it would count as something else.
    """
    drawn = {one for asked in plan.rounds for one in asked.ids}
    told = {one: labels for one, labels in votes.items() if one in drawn}
    for one, labels in told.items():
        for label in labels:
            if label != plan.of and label not in known and _bare(label) == _bare(plan.of):
                raise InvalidValue(
                    "--answers",
                    f"{one!r} is answered {label!r}, and the class is {plan.of!r}: it would count as another",
                    hint=f"; write {plan.of!r} where that is meant",
                )
    remarks: list[str] = []
    if extra := len(votes) - len(told):
        remarks.append(f"{extra:,} answered items were not drawn and are left out: they are no random sample.")
    others = Counter(label for labels in told.values() for label in labels if label != plan.of and label not in known)
    if others:
        named = ", ".join(f"{label!r} ({n:,})" for label, n in others.most_common(_MOST_NAMED))
        more = f" and {len(others) - _MOST_NAMED:,} more" if len(others) > _MOST_NAMED else ""
        remarks.append(f"Counted as not {plan.of!r}, though no prediction says so: {named}{more}.")
    share = {one: sum(label == plan.of for label in labels) / len(labels) for one, labels in told.items()}
    return ClassAnswers(share, tuple(remarks))


def check_same(plan: SharePlan, *, of: str | None, design: str | None, confidence_level: float | None) -> None:
    """Raise InvalidValue where a wish is not what the plan froze: it would be passed over in silence."""
    for option, wished, frozen in (
        ("--of", of, plan.of),
        ("--design", design, plan.design),
        ("--confidence-level", confidence_level, plan.confidence_level),
    ):
        if wished is not None and wished != frozen:
            raise InvalidValue(
                option,
                f"is {wished!r}, and the sample was drawn for {frozen!r}",
                hint="; leave it out, or draw another sample with another --out",
            )


def _bare(label: str) -> str:
    return " ".join(label.split()).casefold()
