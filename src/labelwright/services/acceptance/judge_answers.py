"""Hold people's answers against the predictions, in the order in which the sample was drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from labelwright.errors import InvalidFile, NotReady, did_you_mean

_NAMED: Final = 10_000
"""In a larger pool the nearest id is not looked for: it would take longer than everything else."""


@dataclass(frozen=True, slots=True)
class Answers:
    """People's answers as they came: ids, labels (None = not answered yet), who answered, and the lines of the file."""

    file: Path
    ids: Sequence[str]
    labels: Sequence[str | None]
    annotators: Sequence[str] | None
    lines: Sequence[int]


@dataclass(frozen=True, slots=True)
class Judged:
    """The part of the sample that is judged.

    rows: in drawn order.  wrong: whether each prediction is.  said: row → (annotator, label) pairs.
    n_missing: rows without an answer, counted as wrong.  look: which declared size was reached, from 0.
    """

    rows: list[int]
    wrong: list[bool]
    said: dict[int, list[tuple[str, str]]]
    n_missing: int
    look: int
    warnings: tuple[str, ...]


def judge_answers(
    predicted: Sequence[str | None],
    row_of: Mapping[str, int],
    answers: Answers,
    *,
    drawn: Sequence[int] | None,
    looks: Sequence[int] = (),
    known_labels: Sequence[str] = (),
    count_missing_as_wrong: bool = False,
) -> Judged:
    """Say which of the sampled predictions are wrong.

    drawn: rows in the order of the draw; None when no plan is known, and then everything answered is taken.
    known_labels: all labels there are; another one is an error. When empty it is a warning.
    Raises: InvalidFile for an unknown id or label, NotReady while answers are missing.
    """
    said, unseen = _said(predicted, row_of, answers, known_labels)
    if not said:
        raise NotReady(f"{answers.file} holds no answers yet: fill in its label column")
    names = {label for label in predicted if label is not None}
    warnings = [
        f"Answer {label!r} (line {line} of {answers.file.name}) occurs in no prediction{did_you_mean(label, names)}"
        for label, line in list(unseen.items())[:3]
    ]
    if drawn is None:
        unanswered = {row_of[i] for i in answers.ids} - said.keys()
        if unanswered and not count_missing_as_wrong:
            raise NotReady(
                f"{answers.file} names {len(unanswered)} items without a label; what is left out is seldom left out at "
                "random: answer them, or count them as wrong predictions with --count-missing-as-wrong"
            )
        rows, look = sorted(said.keys() | unanswered), 0
        warnings.insert(
            0,
            "No plan was found for these answers: the figures hold only if the items were drawn at random and labelled "
            "blind, and target and size were fixed before.",
        )
    else:
        extra = len(said.keys() - set(drawn))
        if extra:
            warnings.append(f"{extra} answered items were not drawn and are left out: they are no random sample.")
        look = _look_reached(drawn, said, looks, answers.file, count_missing_as_wrong=count_missing_as_wrong)
        rows = list(drawn[: looks[look]])
        n_later = sum(row in said for row in drawn[looks[look] :])
        if n_later:
            warnings.append(
                f"{n_later} of the answers come after this look's {looks[look]} in the order drawn and are not read "
                f"yet; the next look is at {looks[look + 1]}."
            )
    wrong = [row not in said or is_wrong(predicted[row], [label for _, label in said[row]]) for row in rows]
    kept = {row: said[row] for row in rows if row in said}
    return Judged(rows, wrong, kept, len(rows) - len(kept), look, tuple(warnings))


def is_wrong(prediction: str | None, answers: Sequence[str]) -> bool:
    """Whether people's majority differs from the prediction; a tie counts as wrong, which is the careful side.

    >>> is_wrong("spam", ["spam", "ham", "spam"]), is_wrong("spam", ["spam", "ham"]), is_wrong(None, ["spam"])
    (False, True, True)
    """
    counted = Counter(answers).most_common(2)
    is_tie = len(counted) == 2 and counted[0][1] == counted[1][1]
    return is_tie or counted[0][0] != prediction


def _said(
    predicted: Sequence[str | None], row_of: Mapping[str, int], answers: Answers, known_labels: Sequence[str]
) -> tuple[dict[int, list[tuple[str, str]]], dict[str, int]]:
    """Give the answers by row, and the line of each label that no prediction has."""
    names = set(predicted)
    said: dict[int, list[tuple[str, str]]] = {}
    unseen: dict[str, int] = {}
    for place, (identifier, label) in enumerate(zip(answers.ids, answers.labels, strict=True)):
        line = answers.lines[place]
        if identifier not in row_of:
            hint = did_you_mean(identifier, row_of) if len(row_of) <= _NAMED else ""
            raise InvalidFile(answers.file, f"id {identifier!r} is not among the predictions", line=line, hint=hint)
        if label is None:
            continue
        if known_labels and label not in known_labels:
            hint = did_you_mean(label, known_labels)
            raise InvalidFile(answers.file, f"{label!r} is no label", line=line, hint=hint)
        if not known_labels and label not in names:
            unseen.setdefault(label, line)
        person = "" if answers.annotators is None else answers.annotators[place]
        said.setdefault(row_of[identifier], []).append((person, label))
    return said, unseen


def _look_reached(
    drawn: Sequence[int],
    said: Mapping[int, object],
    looks: Sequence[int],
    file: Path,
    *,
    count_missing_as_wrong: bool,
) -> int:
    first_missing = next((place for place, row in enumerate(drawn) if row not in said), len(drawn))
    full = [look for look, size in enumerate(looks) if size <= first_missing]
    if count_missing_as_wrong:
        last = max((place for place, row in enumerate(drawn) if row in said), default=0)
        return next(look for look, size in enumerate(looks) if size > last)
    if full:
        return full[-1]
    size = looks[0]
    n_answered = sum(row in said for row in drawn[:size])
    raise NotReady(
        f"{file} answers {n_answered} of the {size} items drawn; answer the other {size - n_answered}, or count them "
        "as wrong predictions with --count-missing-as-wrong"
    )
