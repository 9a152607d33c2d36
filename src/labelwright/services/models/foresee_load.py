"""What some requests of a sample stand for: calls, tokens and money of the whole run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import orjson

from labelwright.domain.project import ModelSource
from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.long_items import count_tokens
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage
from labelwright.prompting.worst_case import most_prompt_tokens, worst_case

_REPAIR_TOKENS = 2_500
"""What showing a mistake adds to a request at most: the answer and the problem, cut at 4,000 characters each."""


@dataclass(frozen=True, slots=True)
class Load:
    """The first requests of a sample's conversations.

    parts: conversations, one for each part of a long item.  usual, most: requests of each, as a rule and at most.
    answer: tokens of one answer.  times: how often the sample is in the run.
    """

    requests: Sequence[ChatRequest]
    parts: int
    _: KW_ONLY
    usual: int
    most: int
    answer: int
    times: float

    @property
    def calls(self) -> float:
        """The calls, when nothing has to be repaired."""
        return self.usual * self.parts * self.times

    @property
    def most_calls(self) -> float:
        """The calls, when everything has."""
        return self.most * self.parts * self.times

    @property
    def tokens_in(self) -> float:
        """The tokens that are sent."""
        return self._sent * self.times

    @property
    def tokens_out(self) -> float:
        """The tokens that come back."""
        return self._answered * self.times

    @property
    def _sent(self) -> int:
        return sum(request_tokens(request) for request in self.requests) * self.usual

    @property
    def _answered(self) -> int:
        return self.usual * self.parts * self.answer

    def usual_cost(self, price: Price, source: ModelSource) -> float:
        """Give what it costs as a rule, in pico-USD."""
        return price.cost_pico(Usage(self._sent, self._answered), batch=source.delivery == "batch") * self.times

    def worst_cost(self, price: Price, source: ModelSource) -> float:
        """Give what it costs at most: every repair is needed, and every answer as long as it may be."""
        return sum(self._worst(request, price, source) for request in self.requests) * self.times

    def _worst(self, request: ChatRequest, price: Price, source: ModelSource) -> int:
        schema = 0 if request.answer_schema is None else len(orjson.dumps(request.answer_schema))
        prompt = most_prompt_tokens(request, schema_bytes=schema)
        repairs = _REPAIR_TOKENS if self.most > 1 else 0
        live = self.most * worst_case(price, prompt + repairs, source.max_tokens)
        return price.in_batch(live) if source.delivery == "batch" else live


def request_tokens(request: ChatRequest) -> int:
    """Estimate the tokens of a request's texts."""
    return sum(count_tokens(message.content) for message in request.messages)
