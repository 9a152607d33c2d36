"""What a comparison would ask and cost, said before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from labelwright.domain.project import Project
from labelwright.errors import InvalidInput
from labelwright.ports.embedder import Embedder
from labelwright.prompting.chat import ChatRequest, request_key
from labelwright.prompting.long_items import count_tokens
from labelwright.prompting.price import micro_usd
from labelwright.prompting.usage import Usage
from labelwright.prompting.worst_case import most_prompt_tokens, worst_case
from labelwright.services.comparing.evaluate import Plan
from labelwright.services.comparing.evaluate_run import examples_for
from labelwright.services.comparing.evaluate_variants import Variant
from labelwright.services.models.labelling_run import Conversation
from labelwright.services.models.show_item import HeldBack, show_item
from labelwright.services.models.surroundings import Surroundings, model_price

_AT_ONCE = 500
_TOKENS_PER_ANSWER = 25
_REPAIR_TOKENS = 2_500


@dataclass(frozen=True, slots=True)
class VariantForecast:
    """What one variant would be asked, reckoned from every item of the gold.

    paid: items whose first answer is in the call ledger already.  calls: as a rule.  most_calls: with every repair.
    cost_micro, most_micro: micro-USD, as a rule and at most; None = no price is known.
    """

    name: str
    items: int
    held_back: int
    paid: int
    calls: int
    most_calls: int
    tokens_in: int
    tokens_out: int
    cost_micro: int | None
    most_micro: int | None


@dataclass(frozen=True, slots=True)
class EvaluationForecast:
    """A comparison that has not been. cost_micro, most_micro: of all variants; None = of one it is unknown."""

    gold: str
    n_items: int
    variants: tuple[VariantForecast, ...]
    cost_micro: int | None
    most_micro: int | None
    cost_is_estimated: bool
    remarks: tuple[str, ...]


def foresee_evaluation(
    project: Project, plan: Plan, around: Surroundings, *, embedder: Callable[[str], Embedder]
) -> EvaluationForecast:
    """Reckon, item by item. Nothing is sent, and nothing written."""
    found = tuple(_forecast(variant, plan, around, embedder) for variant in plan.variants)
    return EvaluationForecast(
        gold=plan.gold.source,
        n_items=len(plan.gold.items),
        variants=found,
        cost_micro=_sum([one.cost_micro if one.calls else 0 for one in found]),
        most_micro=_sum([one.most_micro if one.calls else 0 for one in found]),
        cost_is_estimated=project.config.recorded,
        remarks=tuple(plan.gold.remarks()),
    )


def _forecast(
    variant: Variant, plan: Plan, around: Surroundings, embedder: Callable[[str], Embedder]
) -> VariantForecast:
    conversation = Conversation(variant.project, variant.source, variant.prompt)
    choose = examples_for(variant, plan.gold, around, embedder)
    provider = around.preview(variant.source)[1]
    due: list[tuple[ChatRequest, int]] = []
    held_back = paid = 0
    keys = plan.gold.items
    for start in range(0, len(keys), _AT_ONCE):
        with around.storage.reading() as views:
            items = views.items_by_key(variant.project.id, keys[start : start + _AT_ONCE])
            asked: list[tuple[str, ChatRequest, int]] = []
            for item, examples in zip(items, choose(items), strict=True):
                shown = show_item(item, variant.project.config, picture=around.picture)
                if isinstance(shown, HeldBack):
                    held_back += 1
                    continue
                try:
                    request = conversation.first_request(shown, examples)
                except InvalidInput:  # nothing to label: it will be said in the run
                    held_back += 1
                    continue
                asked.append((request_key(request, provider), request, len(shown.parts)))
            answered = views.answered_calls([key for key, _, _ in asked])
        due += [(request, n_parts) for key, request, n_parts in asked if key not in answered]
        paid += len(answered)
    source, price = variant.source, model_price(variant.project, variant.source, around)
    n_parts = sum(parts for _, parts in due)
    usual, most = conversation.usual_requests, conversation.most_requests
    tokens_in = usual * sum(_tokens(request) * parts for request, parts in due)
    per_answer = min(source.max_tokens, _TOKENS_PER_ANSWER * len(variant.prompt.questions))
    tokens_out = usual * n_parts * per_answer
    repairs = _REPAIR_TOKENS if most > 1 else 0
    cost = worst = None
    if price is not None:
        cost = micro_usd(price.cost_pico(Usage(tokens_in, tokens_out)))
        worst = micro_usd(
            sum(
                parts * most * worst_case(price, _most_tokens(request) + repairs, source.max_tokens)
                for request, parts in due
            )
        )
    return VariantForecast(
        name=variant.name,
        items=len(keys),
        held_back=held_back,
        paid=paid,
        calls=usual * n_parts,
        most_calls=most * n_parts,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost_micro=cost,
        most_micro=worst,
    )


def _most_tokens(request: ChatRequest) -> int:
    schema = 0 if request.answer_schema is None else len(orjson.dumps(request.answer_schema))
    return most_prompt_tokens(request, schema_bytes=schema)


def _tokens(request: ChatRequest) -> int:
    return sum(count_tokens(message.content) for message in request.messages)


def _sum(costs: list[int | None]) -> int | None:
    return None if any(cost is None for cost in costs) else sum(cost for cost in costs if cost is not None)
