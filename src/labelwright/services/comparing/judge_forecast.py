"""What judging would ask and cost, said before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.prompting.chat import ChatRequest, request_key
from labelwright.prompting.long_items import count_tokens
from labelwright.prompting.price import micro_usd
from labelwright.prompting.usage import Usage
from labelwright.services.comparing.judge_asking import Reviewing, judging_model, show_whole
from labelwright.services.comparing.judge_cases import Case, What, cases
from labelwright.services.models.surroundings import Surroundings, model_price

_SAMPLE = 100
_KEYS = 1_000
_TOKENS_PER_REVIEW = 120


@dataclass(frozen=True, slots=True)
class JudgeForecast:
    """What judging would ask and cost; nothing was sent. calls: without repairs.  cost_micro: None = unknown price.

    paid: of the requests looked at, the share that is answered and paid for already.
    """

    model: str
    what: What
    same_model: bool
    items: int
    cases: int
    not_shown: int
    calls: int
    most_calls: int
    paid: float
    tokens_in: int
    tokens_out: int
    cost_micro: int | None
    most_micro: int | None
    cost_is_estimated: bool


def foresee_judging(
    project: Project,
    around: Surroundings,
    *,
    what: What = "annotations",
    model: str | None = None,
    limit: int | None = None,
    ids: Sequence[str] | None = None,
) -> JudgeForecast:
    """Say what `judge` would ask and cost, from a random sample of the items. Nothing is sent, and nothing written."""
    source = judging_model(project, model)
    reviewing = Reviewing(project, what, source)
    with around.storage.reading() as views:
        due = cases(views, project, what, limit=limit, ids=ids)
        rng = np.random.default_rng([project.config.policy.seed, 11])
        keys = sorted(int(k) for k in rng.choice(np.array(list(due)), size=min(_SAMPLE, len(due)), replace=False))
        requests, not_shown = _first_requests(views, project, around, reviewing, {key: due[key] for key in keys})
        wanted = [request_key(one, around.preview(source)[1]) for one in requests[:_KEYS]]
        paid = len(views.answered_calls(wanted)) / len(wanted) if wanted else 0.0
    scale, new, calls = len(due) / len(keys), 1 - paid, reviewing.calls_per_case
    n_cases = len(requests) * scale
    tokens_in = round(sum(_tokens(one) for one in requests) * scale * calls * new)
    tokens_out = round(n_cases * calls * min(_TOKENS_PER_REVIEW, source.max_tokens) * new)
    most_calls = round(n_cases * reviewing.most_calls_per_case * new)
    # With every repair, and each answer as long as it may be; a byte is at most a token.
    most_in = round(sum(_bytes(one) for one in requests) * scale * reviewing.most_calls_per_case * new)
    price, is_batch = model_price(project, source, around), source.delivery == "batch"
    cost, most = (
        None if price is None else micro_usd(price.cost_pico(Usage(t_in, t_out), batch=is_batch))
        for t_in, t_out in ((tokens_in, tokens_out), (most_in, most_calls * source.max_tokens))
    )
    return JudgeForecast(
        model=source.model,
        what=what,
        same_model=reviewing.same_model,
        items=len(due),
        cases=sum(len(some) for some in due.values()),
        not_shown=round(not_shown * scale),
        calls=round(n_cases * calls * new),
        most_calls=most_calls,
        paid=paid,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost_micro=cost,
        most_micro=most,
        cost_is_estimated=project.config.recorded,
    )


def _first_requests(
    views: Views, project: Project, around: Surroundings, reviewing: Reviewing, due: Mapping[int, tuple[Case, ...]]
) -> tuple[list[ChatRequest], int]:
    """Give what each case is asked first, and how many items are not shown."""
    requests: list[ChatRequest] = []
    not_shown = 0
    for item in views.items_by_key(project.id, list(due)):
        shown = show_whole(item, project, around)
        if isinstance(shown, str):
            not_shown += 1
            continue
        requests += [one for case in due[int(item.key)] for one in reviewing.first(shown, case)]
    return requests, not_shown


def _tokens(request: ChatRequest) -> int:
    return sum(count_tokens(message.content) for message in request.messages)


def _bytes(request: ChatRequest) -> int:
    return sum(len(message.content.encode("utf-8", "surrogatepass")) for message in request.messages)
