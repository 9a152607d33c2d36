"""What learning from half of the labels adds to triage, and whether 70% less effort costs less than 2% of quality."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from certified_sets import SignalledSet
from review_curves import curve_of, least_sure_first, raw_curve

from labelwright.methods.confidence import (
    Signals,
    agreement_margin,
    fit_meta_calibrator,
    fit_weighed_jury,
    share_of_votes,
)
from labelwright.methods.protocols import certify_learned, learn, learning_size
from labelwright.methods.routing import certify, default_calibration_size, draw_samples

Raw = Mapping[tuple[str, float], tuple[float, float]]
"""Coverage and broken draws of the raw score, by set and target."""

DELTA = 0.05
WAYS = ("jury", "meta-calibrator", "panel")
SAVED, WITHIN = 0.70, 0.02


@dataclass(frozen=True, slots=True)
class LearnedRow:
    """One set at one target, by each way of learning: coverage and broken draws, both over all draws."""

    dataset: str
    target_error: float
    coverage: dict[str, float]
    broken: dict[str, float]


@dataclass(frozen=True, slots=True)
class EffortRow:
    """One set: accuracy once people have labelled 30%, and what they must label for 98%, by two orders.

    raw: the raw score's, nothing learnt.  panel: a random sample to learn from, then the least sure.
    """

    dataset: str
    accuracy: float
    at_30_raw: float
    at_30_panel: float
    labels_raw: float
    labels_panel: float

    @property
    def is_so(self) -> bool:
        """70% less effort lands within 2% of everything labelled by people, in the better of the two orders."""
        return max(self.at_30_raw, self.at_30_panel) >= 1 - WITHIN


def learned_rows(
    one: SignalledSet, targets: tuple[float, ...], *, n_draws: int, seed: int
) -> tuple[list[LearnedRow], EffortRow]:
    """Draw as the raw score's rows do; half of a draw to learn from (a third for the panel), the rest to certify."""
    n = len(one.gold)
    n_labels = default_calibration_size(n)
    samples = draw_samples(n, n_labels, n_draws=n_draws, rng=np.random.default_rng(seed))
    coverage = np.zeros((len(WAYS), len(targets), n_draws))
    broken = np.zeros_like(coverage)
    curves = np.zeros((n_draws, 51))
    for draw, sample in enumerate(samples):
        half = -(-n_labels // 2)
        for way, (label, score) in enumerate(
            (_jury(one, sample[:half], [seed, draw]), _meta(one, sample[:half], [seed, draw]))
        ):
            others = np.setdiff1d(np.arange(n), sample[:half])
            tested, wrong = sample[half:], label != one.gold
            for t, target in enumerate(targets):
                accepted = np.zeros(n, dtype=np.bool_)
                found = certify(
                    score[others],
                    np.searchsorted(others, tested),
                    wrong[tested],
                    target_error=target,
                    delta=DELTA,
                )
                accepted[others] = found.accepted
                coverage[way, t, draw], broken[way, t, draw] = _outcome(accepted, wrong, target, n - n_labels)
        rng = np.random.default_rng([seed, draw])
        first = learning_size(n_labels)
        learned = learn(one.taught_by(sample[:first]), sample[:first], one.gold[sample[:first]], rng=rng)
        for t, target in enumerate(targets):
            found = certify_learned(
                learned, sample[first:], lambda at: one.gold[at], target_error=target, delta=DELTA, rng=rng
            )
            coverage[2, t, draw], broken[2, t, draw] = _outcome(
                found.accepted, learned.label != one.gold, target, n - n_labels
            )
        curves[draw] = curve_of(one, learned, sample[:first], least_sure_first(learned.score)).accuracy
    rows = [
        LearnedRow(
            one.name,
            target,
            {way: float(coverage[w, t].mean()) for w, way in enumerate(WAYS)},
            {way: float(broken[w, t].mean()) for w, way in enumerate(WAYS)},
        )
        for t, target in enumerate(targets)
    ]
    return rows, _effort(one, curves.mean(axis=0))


def _effort(one: SignalledSet, mean: np.ndarray) -> EffortRow:
    shares = np.linspace(0, 1, len(mean))
    raw = raw_curve(one)
    return EffortRow(
        dataset=one.name,
        accuracy=float(1 - one.wrong.mean()),
        at_30_raw=raw.at(1 - SAVED),
        at_30_panel=float(np.interp(1 - SAVED, shares, mean)),
        labels_raw=raw.labels_for(1 - WITHIN),
        labels_panel=float(shares[np.argmax(mean >= 1 - WITHIN - 1e-12)]),
    )


def _outcome(accepted: np.ndarray, wrong: np.ndarray, target: float, n_left: int) -> tuple[float, bool]:
    n = int(accepted.sum())
    return n / n_left, n > 0 and int((accepted & wrong).sum()) > target * n + 1e-9


def _jury(one: SignalledSet, fitted_on: np.ndarray, seed: list[int]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    signals = one.taught_by(fitted_on)
    posterior = fit_weighed_jury(signals, fitted_on, one.gold[fitted_on], rng=rng).jury.posterior(signals)
    unknown = np.isnan(posterior).any(axis=1)
    filled = np.nan_to_num(posterior)
    return np.where(unknown, -1, filled.argmax(axis=1)), np.where(unknown, np.nan, filled.max(axis=1))


def _meta(one: SignalledSet, fitted_on: np.ndarray, seed: list[int]) -> tuple[np.ndarray, np.ndarray]:
    votes = np.asarray(one.signals.votes)
    confidences = {name: one.signals.confidence(name)[:, 0] for name in one.signals.confidences}
    numbers = dict(one.signals.numbers)
    if votes.shape[1] > 1:
        confidences["agreement"] = share_of_votes(one.own, votes[:, 1:])
        numbers["margin"] = agreement_margin(one.own, votes[:, 1:])
    if not confidences and not numbers:
        return one.own, np.full(len(votes), np.nan)
    signals = Signals(confidences, numbers, one.own, one.signals.n_options)
    right = one.own[fitted_on] == one.gold[fitted_on]
    fit = fit_meta_calibrator(signals.rows(fitted_on), right, rng=np.random.default_rng(seed))
    return one.own, fit.calibrator.predict(signals)


def section(raw: Raw, learned: list[LearnedRow], efforts: list[EffortRow], *, n_draws: int) -> str:
    """Write both tables with what they say."""
    return f"""## With something learnt from part of the labels

The same number of labels, {n_draws:,} draws. The **jury** (all recorded answers, weighed) and the
**meta-calibrator** (the best model's label; its signals weighed) learn from half of the labels and certify with the
other half, from the rule's own start; the **panel** learns from a third, and where to start too
([how, and more draws](certified-coverage.md)). Splitting costs: where the raw score would do, it certifies more.
One broken draw is {100 / n_draws:.1f}% here, so that the broken shares say little by themselves.

{learned_table(raw, learned)}

## 70% less effort, within 2%?

A common claim: review the 30% the model is least sure of, and be within 2% of what people would have made of all. Final
accuracy once people have labelled 30% of the items (their labels taken as right), by the raw score's order and by the
panel's, whose random sample to learn from is among the 30%; and how much they must label for 98%. It is so on
**{sum(one.is_so for one in efforts)} of {len(efforts)}** sets.

{effort_table(efforts)}
"""


def learned_table(raw: Raw, learned: list[LearnedRow]) -> str:
    """Coverage of the raw score beside that of each way of learning, with the broken draws."""
    head = " | ".join(f"{way} | broken" for way in WAYS)
    lines = [f"| set | α % | raw score | broken | {head} |", "|---|---:|---:|---:|" + "---:|" * (2 * len(WAYS))]
    for one in learned:
        cells_of_ways = " | ".join(f"{percent(one.coverage[way])} | {percent(one.broken[way])}" for way in WAYS)
        coverage, broken = raw[one.dataset, one.target_error]
        lines.append(
            f"| {one.dataset} | {percent(one.target_error)} | {percent(coverage)} | "
            f"{percent(broken)} | {cells_of_ways} |"
        )
    for target in sorted({one.target_error for one in learned}):
        at = [one for one in learned if one.target_error == target]
        of_raw = float(np.mean([raw[one.dataset, target][0] for one in at]))
        means = " | ".join(f"{percent(float(np.mean([one.coverage[way] for one in at])))} | " for way in WAYS)
        lines.append(f"| **mean** | {percent(target)} | {percent(of_raw)} |  | {means}|")
    return "\n".join(lines)


def effort_table(efforts: list[EffortRow]) -> str:
    """Whether 70% less effort lands within 2%, set by set."""
    lines = [
        "| set | model alone % | at 30% labelled: raw order | panel | labelled for 98%: raw order | panel | so? |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    lines += [
        f"| {one.dataset} | {percent(one.accuracy)} | {percent(one.at_30_raw)} | {percent(one.at_30_panel)} | "
        f"{percent(one.labels_raw)} | {percent(one.labels_panel)} | {'yes' if one.is_so else 'no'} |"
        for one in efforts
    ]
    return "\n".join(lines)


def percent(share: float) -> str:
    """Write a share for a table."""
    return f"{100 * share:.1f}"
