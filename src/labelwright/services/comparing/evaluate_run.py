"""One variant's run over the gold: the same runner, call ledger and cache as pre-labelling, and no predictions.

An answer that was bought for an evaluation is found again by pre-labelling with the same prompt, and the other way
round: neither is paid for twice (M1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.ids import RunId
from labelwright.domain.item import Item
from labelwright.errors import NotReady
from labelwright.ports.calls import AnsweredCall
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.ports.embedder import Embedder
from labelwright.prompting.chat import decode_response
from labelwright.prompting.examples import Demonstration
from labelwright.prompting.parse import Answer, Labelled
from labelwright.prompting.price import Price, micro_usd
from labelwright.prompting.suspicion import SIGNAL
from labelwright.services.comparing.evaluate_gold import Gold
from labelwright.services.comparing.evaluate_variants import Variant
from labelwright.services.models.demonstrations import Demonstrations, demonstrations
from labelwright.services.models.labelling_run import Conversation
from labelwright.services.models.show_item import HeldBack, ShownItem, show_item
from labelwright.services.models.surroundings import Surroundings, model_price

_READ = 500
_KEYS_AT_ONCE = 1_000
_PER = 1_000


@dataclass(frozen=True, slots=True)
class Said:
    """A variant's answer to one question about one item. value: None = none that fits.

    confidence: None = unknown.  signal: which one it is.
    """

    value: Json
    confidence: float | None = None
    signal: str | None = None


@dataclass(frozen=True, slots=True)
class Effort:
    """What labelling so costs: the same whether the answers were bought now or before.

    cost_micro: micro-USD per 1,000 items, rounded up once; None = unknown price or usage.
    median_ms, p95_ms: of an item's answers, one after the other, without waiting for a turn; None = nothing answered.
    requests: distinct ones that were answered.
    """

    cost_micro: int | None
    median_ms: float | None
    p95_ms: float | None
    requests: int


@dataclass(slots=True)
class VariantRun:
    """What came of it. said: item key -> question -> answer; an item that is missing got none.

    calls: sent now, failed ones included.  reused: answers found paid.  spent_pico: of the calls sent now.
    """

    variant: Variant
    said: dict[int, dict[str, Said]] = field(default_factory=dict[int, dict[str, Said]])
    failed: int = 0
    held_back: int = 0
    calls: int = 0
    reused: int = 0
    spent_pico: int | None = 0
    problem: str | None = None
    stopped: bool = False
    effort: Effort = field(default_factory=lambda: Effort(None, None, None, 0))


def run_variant(
    variant: Variant,
    gold: Gold,
    around: Surroundings,
    *,
    run: RunId,
    embedder: Callable[[str], Embedder],
    finished: Callable[[int], None],
) -> VariantRun:
    """Put every item of the gold to the variant. finished: told how many more are.

    Answers are asked for one by one even where the project labels in batches, so that they come now.
    Raises: NotReady, when it wants examples and there are none apart from the gold.
    """
    live = replace(variant.source, delivery="live")
    price = model_price(variant.project, variant.source, around)
    runner = around.runner(live)
    done = VariantRun(variant)
    shown: dict[int, ShownItem] = {}
    ended: list[Finished[Labelled]] = []
    scope = RunScope(variant.project.id, run, price, budget=around.budget, total=len(gold.items))
    for chunk in runner.run(_work(gold, around, embedder, shown, done), scope):
        for one in chunk:
            ended.append(one)
            _take(done, one, shown.pop(one.item, None))
            around.replaced.pop(one.item, None)
        finished(len(chunk))
    finished(done.held_back)
    done.stopped = runner.stopped
    done.effort = _measured(around, variant, run, price, ended, n_items=len(gold.items))
    return done


def examples_for(
    variant: Variant, gold: Gold, around: Surroundings, embedder: Callable[[str], Embedder]
) -> Callable[[Sequence[Item]], list[tuple[Demonstration, ...]]]:
    """Give what chooses examples: from people's labels, never an item of the gold nor one that certifies.

    Raises: NotReady, when there is nothing to choose from.
    """
    if variant.project.config.examples.choose == "none":
        return lambda items: [()] * len(items)
    with around.storage.reading() as views:
        likeness = around.embedder() if variant.embedder is None else embedder(variant.embedder)
        known: Demonstrations = demonstrations(views, variant.project, likeness, apart=gold.apart)
    if not known.items:
        raise NotReady(
            f"{variant.name}: there is nothing to show as examples: no item that people labelled is left apart from "
            "the gold and from the sample that certifies; have more labelled, or take less gold with --limit"
        )
    return known.choose


def _work(
    gold: Gold,
    around: Surroundings,
    embedder: Callable[[str], Embedder],
    kept: dict[int, ShownItem],
    done: VariantRun,
) -> Iterator[Work[Labelled]]:
    variant = done.variant
    conversation = Conversation(variant.project, variant.source, variant.prompt)
    choose = examples_for(variant, gold, around, embedder)
    for start in range(0, len(gold.items), _READ):
        with around.storage.reading() as views:
            items = views.items_by_key(variant.project.id, gold.items[start : start + _READ])
        for item, examples in zip(items, choose(items), strict=True):
            shown = show_item(item, variant.project.config, picture=around.picture)
            if isinstance(shown, HeldBack):
                done.held_back += 1
                done.problem = done.problem or f"item {item.id!r}: not shown to the model: {shown.reason}"
                continue
            if shown.n_replaced:
                around.replaced[int(item.key)] = shown.n_replaced
            kept[int(item.key)] = shown
            yield Work(item.key, item.id, conversation.about(shown, examples))


def _take(done: VariantRun, one: Finished[Labelled], shown: ShownItem | None) -> None:
    done.calls += one.attempts
    done.reused += one.reused
    known = one.cost_pico is not None and done.spent_pico is not None
    done.spent_pico = cast("int", done.spent_pico) + cast("int", one.cost_pico) if known else None
    problem = one.problem if one.outcome is None else one.outcome.problem
    if problem is not None and done.problem is None:
        done.problem = f"item {one.item_id!r}: {problem}"
    if one.outcome is None:
        done.failed += 1
        return
    done.said[one.item] = {
        answer.question: _said(answer, shown) for answer in one.outcome.answers if answer.problem is None
    }


def _said(answer: Answer, shown: ShownItem | None) -> Said:
    value = answer.value if shown is None else shown.protected.restore_value(answer.value)
    if SIGNAL in answer.signals:  # as in pre-labelling: such an item goes to a person
        return Said(value)
    if answer.confidence is not None:
        return Said(value, answer.confidence, answer.confidence_kind)
    measured = answer.measured  # the project routes by what several answers come to: one of this answer's own is judged
    name = next(iter(sorted(measured, key=lambda name: (name != "verbalised", name))), None)
    return Said(value) if name is None else Said(value, measured[name], name)


def _measured(
    around: Surroundings,
    variant: Variant,
    run: str,
    price: Price | None,
    ended: Sequence[Finished[Labelled]],
    *,
    n_items: int,
) -> Effort:
    """Say what these answers cost and how long they took, whoever paid for them.

    What this run paid for is counted as it was billed, with every failed attempt; what it found, by its own tokens.
    """
    keys = list(dict.fromkeys(key for one in ended for key in one.keys))
    answered: dict[str, AnsweredCall] = {}
    with around.storage.reading() as views:
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            answered |= views.calls_of(keys[start : start + _KEYS_AT_ONCE])
    in_batch = variant.source.delivery == "batch"
    total: int | None = 0
    latencies: list[float] = []
    seen: set[str] = set()
    for one in sorted(ended, key=lambda one: one.item):
        own = [key for key in dict.fromkeys(one.keys) if key in answered and key not in seen]
        seen.update(own)
        if own:
            latencies.append(sum(answered[key].latency_ms for key in own))
        costs = [_cost(answered[key], price) for key in own if answered[key].run != run]
        costs.append(one.cost_pico)
        known = [cost for cost in costs if cost is not None]
        total = None if total is None or len(known) < len(costs) else total + sum(known)
    if price is None:
        total = None
    if total is not None and in_batch and price is not None:
        total = price.in_batch(total)
    return Effort(
        cost_micro=None if total is None or not n_items else micro_usd(-(-total * _PER // n_items)),
        median_ms=float(np.median(latencies)) if latencies else None,
        p95_ms=float(np.quantile(latencies, 0.95)) if latencies else None,
        requests=len(seen),
    )


def _cost(call: AnsweredCall, price: Price | None) -> int | None:
    usage = decode_response(call.response).usage
    return None if price is None or usage is None else price.cost_pico(usage)
