"""What a judge found, counted: by question, by annotator, and against what people agree on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.methods.aggregation import votes
from labelwright.methods.agreement import Agreement, cohen_kappa
from labelwright.methods.estimation.intervals import wilson_interval
from labelwright.services.comparing.judge_cases import Case, What

_RULINGS = ("agree", "disagree", "unsure")
_BETTER = ("first", "second", "tie")


@dataclass(frozen=True, slots=True)
class Finding:
    """What the judge says of one case.

    ruling: `agree`, `disagree`, `unsure`; of a pair: `first`, `second`, `tie`. None = none, for the reason `problem`;
    of a pair also where it depends on the order (`is_consistent` False).
    misquoted: evidence that does not stand in the item.
    """

    item: str
    key: int
    case: Case
    ruling: str | None
    score: int | None = None
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    misquoted: tuple[str, ...] = ()
    is_consistent: bool | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Consistency:
    """How often a pair was judged alike in both orders; Wilson's interval."""

    n_consistent: int
    n_pairs: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """What was judged and found. Nobody's label has changed, and no vote was cast.

    same_model: the judge has given (some of) the labels itself.  suggested: people may have seen its labels.
    due: items.  not_shown: items no model may be shown, or too long to be judged in one piece.  failed: without answer.
    by_question, by_annotator: counts of rulings; `none` = no ruling.
    standard: what the judge itself is measured by; None = nothing is known to be right.  kappa: between "the judge
    agrees" and "the label is right"; unsure ones left out.  n_compared: cases it was measured on.
    """

    model: str
    what: What
    same_model: bool
    suggested: bool
    due: int
    not_shown: int
    failed: int
    calls: int
    reused: int
    cost_micro: int | None
    cost_is_estimated: bool
    stopped: bool
    by_question: Mapping[str, Mapping[str, int]]
    by_annotator: Mapping[str, Mapping[str, int]]
    consistency: Consistency | None
    standard: str | None
    kappa: Agreement | None
    n_compared: int
    findings: tuple[Finding, ...]
    problem: str | None = None

    @property
    def disagreements(self) -> list[Finding]:
        """Give the labels the judge holds for wrong, the plainest first; of pairs, those where the second is better."""
        against = [one for one in self.findings if one.ruling in ("disagree", "second")]
        return sorted(against, key=lambda one: (one.score or 0, one.key))


def count_by_question(findings: Sequence[Finding]) -> dict[str, dict[str, int]]:
    """Count rulings per question."""
    found: dict[str, Counter[str]] = {}
    for one in findings:
        found.setdefault(one.case.question, Counter())[_ruling(one)] += 1
    return {name: _in_order(counts, findings) for name, counts in found.items()}


def count_by_annotator(findings: Sequence[Finding]) -> dict[str, dict[str, int]]:
    """Count rulings per annotator, each of whose labels counts. Of a pair: those of the side that is better."""
    found: dict[str, Counter[str]] = {}
    for one in findings:
        for place, given in enumerate((one.case.given, one.case.other)):
            for name in () if given is None else given.by:
                found.setdefault(name, Counter())[_seen_from(one, place)] += 1
    return {name: dict(sorted(counts.items())) for name, counts in sorted(found.items())}


def consistency_of(findings: Sequence[Finding]) -> Consistency:
    """Say how often the order made no difference."""
    judged = [one.is_consistent for one in findings if one.is_consistent is not None]
    if not judged:
        return Consistency(0, 0, None, None, None)
    low, high = wilson_interval(sum(judged), len(judged))
    return Consistency(sum(judged), len(judged), sum(judged) / len(judged), float(low), float(high))


def agreement_with(
    findings: Sequence[Finding], is_right: Mapping[int, bool], *, rng: np.random.Generator
) -> Agreement | None:
    """Kappa between the judge and the standard. is_right: place of a finding -> whether its label is right."""
    pairs = [
        (findings[place].ruling == "agree", right)
        for place, right in sorted(is_right.items())
        if findings[place].ruling in ("agree", "disagree")
    ]
    if not pairs:
        return None
    unit = [place for place in range(len(pairs)) for _ in range(2)]
    annotator = [0, 1] * len(pairs)
    option = [int(said) for pair in pairs for said in pair]
    table = votes(unit, annotator, option, n_units=len(pairs), n_annotators=2, n_options=2)
    return cohen_kappa(table, rng=rng)


def as_recorded(report: JudgeReport, findings: Sequence[Finding]) -> dict[str, Json]:
    """Give what the ledger keeps: counts, and per (item, question) the ruling on whose label.

    No label and no word of an item: those can be erased, an event cannot. The judge's words are in the call ledger.
    """
    rows: list[Json] = [
        [one.key, one.case.question, one.ruling, one.score, one.is_consistent, list(_people(one))] for one in findings
    ]
    return {
        "model": report.model,
        "what": report.what,
        "due": report.due,
        "not_shown": report.not_shown,
        "failed": report.failed,
        "calls": report.calls,
        "reused": report.reused,
        "cost_micro": report.cost_micro,
        "by_question": {name: dict(counts) for name, counts in report.by_question.items()},
        "verdicts": rows,
    }


def _people(one: Finding) -> tuple[str, ...]:
    return one.case.given.people if one.case.other is None else (*one.case.given.people, *one.case.other.people)


def _ruling(one: Finding) -> str:
    if one.ruling is not None:
        return one.ruling
    return "depends on the order" if one.is_consistent is False else "none"


def _seen_from(one: Finding, place: int) -> str:
    if one.case.other is None or one.ruling not in ("first", "second"):
        return _ruling(one)
    return "better" if (one.ruling == "first") == (place == 0) else "worse"


def _in_order(counts: Counter[str], findings: Sequence[Finding]) -> dict[str, int]:
    expected = _BETTER if findings and findings[0].case.other is not None else _RULINGS
    return {name: counts[name] for name in (*expected, *sorted(counts.keys() - set(expected)))}
