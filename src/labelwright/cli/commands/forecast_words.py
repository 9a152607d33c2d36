"""A forecast and a prompt in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labelwright.services.models.foresee import Forecast, ModelForecast, ShownPrompt


def forecast_lines(forecast: Forecast) -> Iterator[str]:
    """Say what a run would ask and cost."""
    if not any(model.items for model in forecast.models):
        yield "Nothing is due."
        return
    for model in forecast.models:
        yield from _model_lines(model)
    total, most = forecast.cost_micro, forecast.most_micro
    recorded = " (the answers are recordings: nothing is billed)" if forecast.cost_is_estimated else ""
    if total is None or most is None:
        yield "Cost: unknown; no price is known for a model (price_input and price_output in project.yaml name one)"
    else:
        yield f"Cost: about {_dollars(total)}, at most {_dollars(most)}{recorded}"
    if forecast.left_micro is not None:
        yield f"Left of the budget: {_dollars(forecast.left_micro)}"
    yield f"The length of answers is taken from {forecast.tokens_out_from}."


def _model_lines(model: ModelForecast) -> Iterator[str]:
    if not model.items:
        yield f"{model.model}: nothing is due"
        return
    sampled = "" if model.sampled == model.items else f", judged by a random {model.sampled:,} of them"
    batch = ", through the batch API" if model.delivery == "batch" else ""
    yield f"{model.model}: {model.items:,} items are due{sampled}{batch}"
    if model.paid:
        yield f"  about {model.paid:,} are answered and paid for already"
    if model.held_back:
        yield f"  about {model.held_back:,} would not be shown to it, and go to people"
    yield f"  about {model.calls:,} calls, at most {model.most_calls:,}"
    yield f"  about {model.tokens_in:,} tokens in, {model.tokens_out:,} out"


def prompt_lines(shown: ShownPrompt) -> Iterator[str]:
    """Show one item as it would be put to a model: its messages for reading, then the very bytes."""
    yield f"Item {shown.item!r} to {shown.model} at {shown.address}"
    yield f"prompt {shown.prompt_id}, hash {shown.prompt_hash}"
    if shown.held_back is not None:
        yield f"Nothing would be sent: {shown.held_back}"
        return
    if shown.replaced:
        yield f"{shown.replaced} pieces of personal data are replaced"
    for name, value in shown.notes.items():
        yield f"{name}: {value}"
    if shown.examples:
        yield f"examples, the nearest last: {', '.join(shown.examples)}"
    for role, text in shown.messages:
        yield f"--- {role} " + "-" * (68 - len(role))
        yield from text.splitlines()
    yield "-" * 73
    yield f"about {shown.tokens:,} tokens; {len(shown.body.encode()):,} bytes are sent, these:"
    yield shown.body


def _dollars(micro: int) -> str:
    return f"${micro / 1e6:,.2f}" if micro >= 1_000_000 else f"${micro / 1e6:,.4f}"
