"""What a run would ask, show and cost, said before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.item import Item
from labelwright.domain.project import ModelSource, Project
from labelwright.errors import InvalidInput, NotFound, did_you_mean
from labelwright.ports.costs import CallTotals
from labelwright.ports.storage import Views
from labelwright.prompting.chat import ChatRequest, request_key
from labelwright.prompting.examples import Demonstration
from labelwright.prompting.flows.explain import labelling_request
from labelwright.prompting.price import micro_usd
from labelwright.prompting.render import Prompt
from labelwright.services.models.certified_cascade import due_of_link
from labelwright.services.models.demonstrations import Demonstrations, demonstrations
from labelwright.services.models.foresee_explanations import explaining
from labelwright.services.models.foresee_load import Load, request_tokens
from labelwright.services.models.labelling_run import Conversation
from labelwright.services.models.prelabel import asked_models, due_items
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.show_item import HeldBack, show_item
from labelwright.services.models.surroundings import Surroundings, model_price

_SAMPLE = 200
_KNOWN_CALLS = 20
_TOKENS_PER_ANSWER = 25
"""Of an answer nobody has seen yet: a label and its confidence in JSON, per question."""
_TOKENS_PER_EXPLANATION = 100
_ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ModelForecast:
    """What one model would be asked. From a random sample of the items due: about, not exactly.

    items: due.  sampled: of them looked at.  held_back: those it would not be shown.  paid: those whose answer is in
    the call ledger already.  calls: as a rule, and at most (with every repair).  tokens_in, tokens_out: as a rule.
    cost_micro, most_micro: micro-USD, as a rule and at most; None = no price is known.
    """

    model: str
    delivery: str
    items: int
    sampled: int
    held_back: int
    paid: int
    calls: int
    most_calls: int
    tokens_in: int
    tokens_out: int
    cost_micro: int | None
    most_micro: int | None


@dataclass(frozen=True, slots=True)
class ShownPrompt:
    """One item as it would be put to a model.

    held_back: why nothing would be sent; None = it would be.  messages: role and text, pictures named by their size.
    body: the exact bytes of the request's body, as text.  replaced: pieces of personal data that were replaced.
    """

    item: str
    model: str
    address: str
    prompt_id: str
    prompt_hash: str
    held_back: str | None
    messages: tuple[tuple[str, str], ...]
    notes: Mapping[str, Json]
    examples: tuple[str, ...]
    tokens: int
    body: str
    replaced: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A run that has not been. left_micro: what the budget has left; None = there is no budget.

    tokens_out_from: where the length of answers is known from.  preview: the first item due.
    """

    models: tuple[ModelForecast, ...]
    cost_is_estimated: bool
    left_micro: int | None
    tokens_out_from: str
    preview: ShownPrompt | None

    @property
    def cost_micro(self) -> int | None:
        """Give what all models cost as a rule; None = the price of one that is asked is unknown."""
        return _sum([m.cost_micro if m.calls else 0 for m in self.models])

    @property
    def most_micro(self) -> int | None:
        """Give what all models cost at most."""
        return _sum([m.most_micro if m.calls else 0 for m in self.models])


def foresee(project: Project, around: Surroundings, *, limit: int | None = None, item: str | None = None) -> Forecast:
    """Look at a random sample of what is due, and reckon. Nothing is sent, and nothing written.

    item: id of the one to preview; None = the first that is due.
    Raises: NotReady, when the project has no model; NotFound, when there is no such item.
    """
    sources = asked_models(project)
    prompt = project_prompt(project.config)
    models: list[ModelForecast] = []
    preview: ShownPrompt | None = None
    with around.storage.reading() as views:
        totals = views.call_totals(project.id)
    for place, source in enumerate(sources):
        keys = due_items(around.storage, project, source.model, prompt)[:limit]
        if project.config.certifies_links:  # a link is asked once the one before it is certified
            with around.storage.reading() as views:
                keys = due_of_link(views, project, place).tolist()[:limit]
        elif project.config.ensemble == "cascade":  # each link passes on the share that is left
            keys = keys[: -(-len(keys) * (len(sources) - place) // len(sources))]
        models.append(_forecast(project, around, source, prompt=prompt, keys=keys, totals=totals))
        if place == 0 and (keys or item is not None):
            preview = show_prompt(project, around, item=item, key=keys[0] if keys else None)
    budget = None if around.budget is None else around.budget.state()
    left = None
    if budget is not None and budget.limit is not None:
        left = max(0, budget.limit - budget.spent - budget.reserved - budget.lost) // 1_000_000
    known = "answers of this project's calls so far" if _knows(totals) else "a rule of thumb: no calls have been made"
    return Forecast(tuple(models), project.config.recorded, left, known, preview)


def show_prompt(
    project: Project, around: Surroundings, *, item: str | None = None, key: int | None = None, model: str | None = None
) -> ShownPrompt:
    """Give one item as it would be put to a model, byte for byte.

    item: its id, or key: its number.  model: None = the first.
    Raises: NotFound, when there is no such item or model.
    """
    sources = asked_models(project)
    names = [source.model for source in sources]
    if model is not None and model not in names:
        raise NotFound(f"the project asks no model {model!r}{did_you_mean(model, names)}")
    source = sources[0] if model is None else sources[names.index(model)]
    prompt = project_prompt(project.config)
    with around.storage.reading() as views:
        found = _item(views, project, item, key)
        examples = _examples(views, project, around, [found])[0]
    preview, address = around.preview(source)
    shown = show_item(found, project.config, picture=around.picture)
    base = {
        "item": str(found.id),
        "model": source.model,
        "address": address,
        "prompt_id": prompt.id,
        "prompt_hash": prompt.hash,
    }
    if isinstance(shown, HeldBack):
        return ShownPrompt(
            **base,
            held_back=shown.reason,
            messages=(),
            notes=shown.notes,
            examples=(),
            tokens=0,
            body="",
            replaced=0,
        )
    request = Conversation(project, source, prompt).first_request(shown, examples)
    body = preview(request).decode()
    return ShownPrompt(
        **base,
        held_back=None,
        messages=tuple((m.role, m.content + _pictures(len(m.images))) for m in request.messages),
        notes=shown.parts[0].notes,
        examples=tuple(example.item_id for example in examples),
        tokens=request_tokens(request),
        body=body,
        replaced=shown.n_replaced,
    )


def _forecast(
    project: Project, around: Surroundings, source: ModelSource, *, prompt: Prompt, keys: list[int], totals: CallTotals
) -> ModelForecast:
    conversation = Conversation(project, source, prompt)
    price = model_price(project, source, around)
    explains = explaining(project, source)
    rng = np.random.default_rng([project.config.policy.seed, 11])
    chosen = sorted(rng.choice(keys, size=min(_SAMPLE, len(keys)), replace=False).tolist()) if keys else []
    requests: list[ChatRequest] = []
    n_parts = held_back = 0
    with around.storage.reading() as views:
        items = views.items_by_key(project.id, chosen)
        known = _known_examples(views, project, around)
        examples = [()] * len(items) if known is None else known.choose(items)
        for item, shown_before in zip(items, examples, strict=True):
            shown = show_item(item, project.config, picture=around.picture)
            if isinstance(shown, HeldBack):
                held_back += 1
                continue
            try:
                if explains is not None and explains.in_flow:  # its first request is about an example
                    requests.append(labelling_request(prompt, shown.parts[0], explains.asking, shown_before))
                else:
                    requests.append(conversation.first_request(shown, shown_before))
            except InvalidInput:  # nothing to label: it will be said when it is due
                held_back += 1
                continue
            n_parts += len(shown.parts)
        provider = around.preview(source)[1]
        paid = _paid(views, requests, provider)
        explained = [] if explains is None else explains.first_requests(prompt, chain.from_iterable(examples))
        new_explained = len(explained) - _paid(views, explained, provider)
    scale = len(keys) / len(chosen) if chosen else 0.0
    loads = [
        Load(
            requests,
            n_parts,
            usual=conversation.usual_requests,
            most=conversation.most_requests,
            answer=_answer_tokens(project, source, totals),
            times=scale * (1 - paid / len(requests)) if requests else 0.0,
        )
    ]
    if explains is not None and known is not None and explained:
        # Each example is explained once. Of items that are not looked at, others may be the nearest.
        more = 1.0 if project.config.examples.choose == "fixed" else min(scale, len(known.items) / len(explained))
        loads.append(
            Load(
                explained,
                len(explained),
                usual=explains.usual,
                most=explains.most,
                answer=min(source.max_tokens, _TOKENS_PER_EXPLANATION),
                times=more * new_explained / len(explained),
            )
        )
    return ModelForecast(
        model=source.model,
        delivery=source.delivery,
        items=len(keys),
        sampled=len(chosen),
        held_back=round(held_back * scale),
        paid=round(paid * scale),
        calls=round(sum(load.calls for load in loads)),
        most_calls=round(sum(load.most_calls for load in loads)),
        tokens_in=round(sum(load.tokens_in for load in loads)),
        tokens_out=round(sum(load.tokens_out for load in loads)),
        cost_micro=None if price is None else micro_usd(round(sum(load.usual_cost(price, source) for load in loads))),
        most_micro=None if price is None else micro_usd(round(sum(load.worst_cost(price, source) for load in loads))),
    )


def _answer_tokens(project: Project, source: ModelSource, totals: CallTotals) -> int:
    if _knows(totals):
        return min(source.max_tokens, -(-totals.tokens_out // (totals.calls - totals.failed)))
    return min(source.max_tokens, _TOKENS_PER_ANSWER * len(project.config.schema.questions))


def _knows(totals: CallTotals) -> bool:
    return totals.calls - totals.failed >= _KNOWN_CALLS and totals.tokens_out > 0


def _examples(
    views: Views, project: Project, around: Surroundings, items: list[Item]
) -> list[tuple[Demonstration, ...]]:
    known = _known_examples(views, project, around)
    return [()] * len(items) if known is None else known.choose(items)


def _known_examples(views: Views, project: Project, around: Surroundings) -> Demonstrations | None:
    return None if project.config.examples.choose == "none" else demonstrations(views, project, around.embedder())


def _paid(views: Views, requests: list[ChatRequest], provider: str) -> int:
    """Count the requests whose answer is in the call ledger."""
    keys = [request_key(request, provider) for request in requests]
    places = range(0, len(keys), _ASKED_AT_ONCE)
    return sum(len(views.answered_calls(keys[start : start + _ASKED_AT_ONCE])) for start in places)


def _item(views: Views, project: Project, id: str | None, key: int | None) -> Item:
    if id is not None:
        ids = {str(name): number for number, name in views.item_ids(project.id).items()}
        if id not in ids:
            raise NotFound(f"there is no item {id[:100]!r}{did_you_mean(id, ids)}")
        key = ids[id]
    found = views.items_by_key(project.id, [key]) if key is not None else views.items(project.id, limit=1)
    if not found:
        raise NotFound("there are no items yet; run: labelwright import FILE")
    return found[0]


def _pictures(n: int) -> str:
    return "" if not n else f"\n({n} picture{'s' if n > 1 else ''} before this text)"


def _sum(costs: list[int | None]) -> int | None:
    return None if any(cost is None for cost in costs) else sum(cost for cost in costs if cost is not None)
