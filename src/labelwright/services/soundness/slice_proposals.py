"""What a finding suggests writing into the guideline: a plain text of the slice, the confusion and the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelwright.domain.canonical import Json
from labelwright.domain.project import Question
from labelwright.methods.slices import Finding
from labelwright.services.soundness.slice_fields import CONFIDENCE, LABEL

_DESCRIBED = 160


def descriptions(question: Question) -> dict[str, str]:
    """Give what the schema says of each label; empty where it says nothing."""
    labels = question.settings.get("labels")
    found: dict[str, str] = {}
    if isinstance(labels, Sequence) and not isinstance(labels, str):
        for label in labels:
            if isinstance(label, Mapping):
                found[str(label.get("value"))] = str(label.get("description") or "")
    return found


def seen_by_people(conditions: Sequence[tuple[str, str]]) -> str:
    """Name what a guideline can speak of: the slice without what only the model said, its label and its confidence."""
    return " and ".join(f"{field} = {value}" for field, value in conditions if field not in {LABEL, CONFIDENCE})


def proposal(finding: Finding, described: Mapping[str, str], examples: Sequence[str], *, seen: str) -> str:
    """Say what to write, for people to finish: the rule itself is theirs.

    examples: ids of items that were labelled wrongly there.  seen: the slice as a guideline may name it, or empty.
    """
    rates = f"{finding.error:.0%}, elsewhere {finding.rest_error:.0%}"
    counted = counts_in_words(finding.n, finding.n_wrong, finding.cell if finding.is_of_cell else None)
    where = f"Items with {finding.name}: {counted} ({rates})."
    shown = f" See {', '.join(examples)}." if examples else ""
    if finding.cell is None:
        return (
            f"{where} Look at the examples, write the rule that they break, and show one of them with its label.{shown}"
        )
    said, truth = finding.cell
    if not said or not truth:
        return _of_tag(finding, where, described, shown, seen=seen)
    choose = f"‘{truth}’ and not ‘{said}’ when …"
    rule = f"With {seen}, choose {choose}" if seen else f"Choose {choose}"
    lines = [
        where if finding.is_of_cell else f"{where} There “{truth}” is mostly taken for “{said}”.",
        f"Add to the guideline: “{rule}” and say by what one tells.",
    ]
    for label in (truth, said):
        words = " ".join(described.get(label, "").split())
        lines.append(
            f"{label} is described as: “{words[:_DESCRIBED]}”."
            if words
            else f"{label} has no description yet; write one."
        )
    return " ".join(lines) + shown


def counts_in_words(n: int, n_wrong: int, cell: tuple[str, str] | None) -> str:
    """Say what was counted; of a single confusion, among the items of which the model said so.

    >>> counts_in_words(32, 17, None), counts_in_words(32, 17, ("praise", "bug"))
    ('17 of 32 checked there were wrong', '17 of 32 checked there and labelled “praise” are “bug”')
    >>> counts_in_words(32, 17, ("", "price"))
    '17 of 32 checked there and not given “price” should have it'
    """
    if cell is None:
        return f"{n_wrong} of {n} checked there were wrong"
    said, truth = cell
    if said and truth:
        return f"{n_wrong} of {n} checked there and labelled “{said}” are “{truth}”"
    if said:
        return f"{n_wrong} of {n} checked there and given “{said}” should not have it"
    return f"{n_wrong} of {n} checked there and not given “{truth}” should have it"


def _of_tag(finding: Finding, where: str, described: Mapping[str, str], shown: str, *, seen: str) -> str:
    said, truth = finding.cell or ("", "")
    tag = said or truth
    mistake = (
        f" “{tag}” is mostly given there where it does not belong." if said else f" “{tag}” is mostly missed there."
    )
    rule = f"{'do not give' if said else 'give'} {tag} when …"
    words = " ".join(described.get(tag, "").split())
    known = f"{tag} is described as: “{words[:_DESCRIBED]}”." if words else f"{tag} has no description yet; write one."
    start = f"With {seen}, {rule}" if seen else f"{rule[:1].upper()}{rule[1:]}"
    mistake = "" if finding.is_of_cell else mistake
    return f"{where}{mistake} Add to the guideline: “{start}” and say by what one tells. {known}{shown}"


def items_in_words(row: Mapping[str, Json]) -> str:
    """Name the items of a kept finding; of a single confusion, those alone of which the model said so.

    >>> items_in_words({"slice": "source = fax", "is_of_cell": True, "said": "praise", "truth": "bug"})
    'source = fax, labelled “praise”'
    """
    if not row["is_of_cell"]:
        return str(row["slice"])
    if row["said"]:
        return f"{row['slice']}, {'labelled' if row['truth'] else 'given'} “{row['said']}”"
    return f"{row['slice']}, not given “{row['truth']}”"
