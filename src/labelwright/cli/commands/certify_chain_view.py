"""How a chain's state is said: to people, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labelwright.adapters.report.canvas import exact_percent
from labelwright.cli.output import emit_json, say, table
from labelwright.services.acceptance.certify_chain import ChainPlan, LinkOutcome

USUAL_TARGET, USUAL_LEVEL = 0.1, 0.95


@dataclass(slots=True)
class ChainView:
    """Where a chain stands.

    drawn: the sample that was drawn now.  waits_for: predictions that are not there yet, for the items in `ask`.
    recommended: size of the sample that is to be drawn next; None when none is.
    """

    plan: ChainPlan
    folder: Path
    files: tuple[Path, ...]
    n_items: int
    prices: Sequence[float]
    outcomes: list[LinkOutcome] = field(default_factory=list[LinkOutcome])
    drawn: Path | None = None
    waits_for: Path | None = None
    ask: Path | None = None
    recommended: int | None = None
    is_done: bool = False

    @property
    def n_accepted(self) -> int:
        """Items accepted by the links so far."""
        return sum(len(one.link.accepted) for one in self.outcomes)

    @property
    def n_labels(self) -> int:
        """Items people have labelled."""
        return sum(one.n_labels for one in self.outcomes)

    @property
    def n_left(self) -> int:
        """Items that no link has accepted and nobody labelled."""
        return self.n_items - self.n_accepted - self.n_labels

    @property
    def cost(self) -> float | None:
        """What the calls so far cost; None = no prices were given."""
        return sum(one.link.cost for one in self.outcomes) if self.prices else None


def show_chain(view: ChainView) -> None:
    """Say it to people."""
    plan = view.plan
    target, level = exact_percent(plan.target_error), exact_percent(plan.confidence_level)
    if view.outcomes:
        columns = ["link", "asked", "labels", "wrong", "threshold", "accepted", "of all unlabelled", "cost"]
        table(columns if view.prices else columns[:-1], [_row(view, number) for number in range(len(view.outcomes))])
        for number, one in enumerate(view.outcomes):
            if not one.link.certification.is_certified:
                say(f"{view.files[number].name}: nothing; {one.verdict.sentence}.")
        say(
            f"{view.n_accepted:,} of {view.n_items - view.n_labels:,} unlabelled items may be accepted: at most "
            f"{target} of them are wrong, at {level} confidence (each link at {exact_percent(1 - plan.link_delta)}). "
            f"They are in {view.folder / 'accepted.csv'}."
        )
        if view.cost is not None:
            alone = view.n_items * view.prices[len(view.prices) - 1]
            say(f"Calls: {view.cost:,.6g}; the last model alone, asked about everything: {alone:,.6g}.")
    for line in _next(view):
        say(line)


def emit_chain(view: ChainView) -> None:
    """Write it as one JSON object."""
    plan = view.plan
    emit_json(
        {
            "folder": str(view.folder),
            "target_error": plan.target_error,
            "confidence_level": plan.confidence_level,
            "delta_of_each_link": plan.link_delta,
            "n_items": view.n_items,
            "n_labels": view.n_labels,
            "n_accepted": view.n_accepted,
            "n_left": view.n_left,
            "coverage": view.n_accepted / max(view.n_items - view.n_labels, 1),
            "cost": view.cost,
            "is_done": view.is_done,
            "drawn": None if view.drawn is None else str(view.drawn),
            "waits_for": None if view.waits_for is None else str(view.waits_for),
            "ask": None if view.ask is None else str(view.ask),
            "recommended_sample": view.recommended,
            "links": [
                {
                    "predictions": view.files[number].name,
                    "n_asked": _asked(view, number),
                    "n_labels": one.n_labels,
                    "n_wrong": one.n_wrong,
                    "n_missing_counted_wrong": one.n_missing,
                    "certified": one.link.certification.is_certified,
                    "threshold": one.link.threshold,
                    "n_accepted": len(one.link.accepted),
                    "coverage": len(one.link.accepted) / max(view.n_items - view.n_labels, 1),
                    "cost": one.link.cost if view.prices else None,
                    "verdict": one.verdict.sentence,
                }
                for number, one in enumerate(view.outcomes)
            ],
        }
    )


def _asked(view: ChainView, number: int) -> int:
    return len(view.outcomes[number].link.seen)


def _row(view: ChainView, number: int) -> list[object]:
    one = view.outcomes[number]
    share = len(one.link.accepted) / max(view.n_items - view.n_labels, 1)
    row: list[object] = [
        view.files[number].name,
        _asked(view, number),
        one.n_labels,
        one.n_wrong,
        "none" if one.link.threshold is None else f"{one.link.threshold:.6g}",
        len(one.link.accepted),
        f"{100 * share:.0f}%",
    ]
    return [*row, f"{one.link.cost:,.6g}"] if view.prices else row


def _next(view: ChainView) -> list[str]:
    words = " --chain ".join(str(file) for file in view.files)
    usual = view.files[0].with_name(f"{view.files[0].name.split('.')[0]}-chain")
    command = f"labelwright certify {words}" + ("" if view.folder == usual else f" --out {view.folder}")
    if view.drawn is not None:
        last = view.plan.rounds[-1]
        return [
            f"{last.n:,} of the {last.n_reached:,} items that reach {last.predictions} are drawn into {view.drawn}.",
            "Have people fill in the labels without seeing any prediction, then:",
            f"  {command}",
        ]
    if view.waits_for is not None:
        return [
            f"Next: ask it about the {view.n_left:,} items of {view.ask}, and with its answers in {view.waits_for}:",
            f"  {command} --sample N",
            f"Or stop here: people label the items of {view.ask}.",
        ]
    if view.recommended is not None:
        return [f"Next: {command} --sample {view.recommended}{_unfrozen(view)}"]
    return [f"The other {view.n_left:,} are people's: {view.folder / 'people.csv'}."]


def _unfrozen(view: ChainView) -> str:
    """Repeat what was asked for and is not frozen yet; nothing is before the first sample, and prices never are."""
    plan, words = view.plan, list[str]()
    if not plan.rounds:
        words += [f"--target-error {plan.target_error:g}"] if plan.target_error != USUAL_TARGET else []
        words += [f"--confidence-level {plan.confidence_level:g}"] if plan.confidence_level != USUAL_LEVEL else []
    words += [f"--price {','.join(f'{price:g}' for price in view.prices)}"] if view.prices else []
    return "".join(f" {word}" for word in words)
