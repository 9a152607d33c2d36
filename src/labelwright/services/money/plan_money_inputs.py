"""What a plan is made from: stated figures, a project's own, and assumptions, each with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.methods.economics import DearerModel, Known, KnownWorld, ScoredItems, Wish, World, certain, read_known

STATED = "stated"

FIGURES: Mapping[str, str] = {
    "model_price": "model_price",
    "model_accuracy": "accuracy",
    "auroc": "auroc",
    "human_price": "human_price",
    "human_accuracy": "human_accuracy",
    "review_price": "review_price",
    "gold_price": "gold_price",
    "adopt": "adopt",
    "overcorrect": "overcorrect",
}
"""Key in a world file -> the world's own name."""
SHARES = ("model_accuracy", "auroc", "human_accuracy", "adopt", "overcorrect")
COUNTS = ("items", "gold", "audit", "most_votes", "gold_votes")
AMOUNTS = (
    "budget",
    "target_accuracy",
    "target_error",
    "confidence_level",
    "audit_share",
    "fixed",
    "vote_correlation",
    "wage_per_hour",
    "seconds_per_label",
    "overhead",
)
KEYS = (*FIGURES, *COUNTS, *AMOUNTS, "models")
_NEEDED = {
    "items": "how many items there are",
    "model_price": "what the model costs per item, in USD",
    "model_accuracy": "how often the model is right",
    "auroc": "how well its confidence ranks its errors (0.5 = not at all)",
    "human_price": "what a person's answer costs, in USD (or costs: {wage_per_hour: 18} in project.yaml)",
    "human_accuracy": "how often a person is right",
}


@dataclass(frozen=True, slots=True)
class Sourced:
    """A figure and where it comes from."""

    known: Known
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What a project knows of itself. figures: by their key in a world file.  items: its calibrated chances.

    gold: what the policy sets.  drawn: items of the blind sample in force.  gold_there: how many of them are labelled.
    gold_votes_there: answers to the others of them.  audit_there, seen_there, model_there: items that are audited, that
    people labelled otherwise, and that the model has labelled.  accuracy_votes: people per blind label that the model's
    accuracy was held against.
    """

    n_items: int
    figures: Mapping[str, Sourced]
    items: ScoredItems | None
    target_error: float | None = None
    confidence_level: float = 0.95
    audit_share: float = 0.0
    gold: int | None = None
    gold_votes: int = 1
    drawn: int | None = None
    gold_there: int = 0
    gold_votes_there: int = 0
    audit_there: int = 0
    seen_there: int = 0
    model_there: int = 0
    accuracy_votes: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlanInputs:
    """A world, a wish, and the source of each figure."""

    known: KnownWorld
    wish: Wish
    sources: Mapping[str, Sourced] = field(default_factory=dict[str, Sourced])


def read_inputs(written: Mapping[str, object], *, measured: Measured | None = None) -> PlanInputs:
    """Put together what is written and what is measured; what is written goes first.

    written: keys as in a world file; None = not given.
    Raises: InvalidValue, for a key that does not exist, a value that is none, or a figure nobody has.
    """
    given = {key: value for key, value in written.items() if value is not None}
    for key in given:
        if key not in KEYS:
            raise InvalidValue(str(key)[:60], "there is no such figure", did_you_mean(key, KEYS))
    sources = {} if measured is None else dict(measured.figures)
    sources |= {key: Sourced(_figure(key, given[key]), STATED) for key in FIGURES if key in given}
    if "human_price" not in given and "wage_per_hour" in given and "seconds_per_label" in given:
        sources["human_price"] = Sourced(_wage(given), "stated: wage times seconds per label")
    missing = [key for key in _NEEDED if key not in sources and not (key == "items" and (measured or "items" in given))]
    if missing:
        told = "; ".join(f"--{key.replace('_', '-')}: {_NEEDED[key]}" for key in missing)
        raise InvalidValue("", f"not known yet: {told}")
    n_items = _count("items", given["items"]) if "items" in given else cast("Measured", measured).n_items
    world = World(
        n_items=n_items,
        most_votes=_count("most_votes", given.get("most_votes", 1)),
        gold_votes=_count("gold_votes", given.get("gold_votes", 1 if measured is None else measured.gold_votes)),
        vote_correlation=_amount("vote_correlation", given.get("vote_correlation", 0.0)),
        dearer=tuple(_dearer(one) for one in _models(given.get("models", []))),
        fixed=_amount("fixed", given.get("fixed", 0.0)),
        measured=None if measured is None else measured.items,
        accuracy_votes=None if measured is None or "model_accuracy" in given else measured.accuracy_votes,
        **{FIGURES[key]: one.known.value for key, one in sources.items()},  # pyright: ignore[reportArgumentType]
    )
    if measured is not None:
        world = _with_what_is_there(world, measured)
    known = {FIGURES[key]: one.known for key, one in sources.items() if not one.known.is_certain}
    return PlanInputs(KnownWorld(world, known), _wish(given, measured), sources)


def _figure(key: str, written: object) -> Known:
    """Read a figure whose interval, too, makes sense: a share lies between 0 and 1, an amount is 0 or more."""
    known = read_known(key, written)
    if key not in SHARES and known.low < 0:
        raise InvalidValue(key, f"{known.low:g} is below 0")
    if key in SHARES and not known.is_certain and not 0 <= known.low <= known.high <= 1:
        raise InvalidValue(
            key, f"{known.low:g} to {known.high:g} is no interval of a share", "; it lies between 0 and 1"
        )
    return known


def _with_what_is_there(world: World, measured: Measured) -> World:
    """Count what exists already, never more than the items there are."""
    gold = min(measured.gold_there, world.n_items)
    seen = min(measured.seen_there, world.n_items - gold)
    return replace(
        world,
        gold_there=gold,
        gold_votes_there=measured.gold_votes_there,
        audit_there=min(measured.audit_there, world.n_items - gold - seen),
        seen_there=seen,
        model_there=min(measured.model_there, world.n_items),
    )


def _wish(given: Mapping[str, object], measured: Measured | None) -> Wish:
    def amount(key: str, default: float | None) -> float | None:
        return _amount(key, given[key]) if key in given else default

    budget, accuracy = amount("budget", None), amount("target_accuracy", None)
    target_error = amount("target_error", None)
    if target_error is None and measured is not None and accuracy is None:
        target_error = measured.target_error
    level = cast("float", amount("confidence_level", 0.95 if measured is None else measured.confidence_level))
    if not 0.5 <= level < 1:
        raise InvalidValue("confidence_level", f"{level:g} is not between 0.5 and 1; 0.95 is usual")
    gold = None if measured is None else measured.gold
    if gold is None and measured is not None and (budget is not None or accuracy is not None):
        # With a target error alone the size of the gold is what is looked for.
        gold = measured.drawn
    has_audit = "audit" in given
    share = 0.0 if measured is None or has_audit else measured.audit_share
    return Wish(
        budget=budget,
        target_accuracy=accuracy,
        target_error=target_error,
        delta=round(1 - level, 12),
        gold=_count("gold", given["gold"]) if "gold" in given else gold,
        audit=_count("audit", given["audit"]) if has_audit else 0,
        audit_share=cast("float", amount("audit_share", share)),
    )


def _wage(given: Mapping[str, object]) -> Known:
    overhead = 1 + _figure("overhead", given.get("overhead", 0.0)).value
    wage, seconds = (_figure(key, given[key]) for key in ("wage_per_hour", "seconds_per_label"))
    scale = overhead / 3600
    return Known(wage.value * seconds.value * scale, wage.low * seconds.low * scale, wage.high * seconds.high * scale)


def _models(written: object) -> list[Mapping[str, object]]:
    if not isinstance(written, list) or not all(isinstance(one, dict) for one in cast("list[object]", written)):
        raise InvalidValue("models", "is no list of models", "; each has name, price and accuracy")
    return cast("list[Mapping[str, object]]", written)


def _dearer(written: Mapping[str, object]) -> DearerModel:
    known = {"name", "price", "accuracy", "sharing"}
    for key in written:
        if key not in known:
            raise InvalidValue(f"models.{key}", "there is no such figure", did_you_mean(key, sorted(known)))
    for key in ("name", "price", "accuracy"):
        if key not in written:
            raise InvalidValue(f"models.{key}", "is missing", "; each model has name, price and accuracy")
    return DearerModel(
        str(written["name"]),
        _amount("models.price", written["price"]),
        _amount("models.accuracy", written["accuracy"]),
        _amount("models.sharing", written.get("sharing", 0.7)),
    )


def _amount(key: str, written: object) -> float:
    return read_known(key, written).value


def _count(key: str, written: object) -> int:
    value = _amount(key, written)
    if value != int(value) or value < 0:
        raise InvalidValue(key, f"{written} is no whole number of 0 or more")
    return int(value)


def shown(sources: Mapping[str, Sourced]) -> dict[str, Json]:
    """Give the figures as JSON, each with its interval and source."""
    return {
        key: {"value": one.known.value, "low": one.known.low, "high": one.known.high, "source": one.source}
        for key, one in sources.items()
    }


__all__ = ["KEYS", "Measured", "PlanInputs", "Sourced", "certain", "read_inputs", "shown"]
