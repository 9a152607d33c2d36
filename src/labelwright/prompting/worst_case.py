"""The most a call can cost, known before it is sent: what a budget sets aside, and what is said before a run."""

from __future__ import annotations

from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage

_PER_MESSAGE = 16
_PER_REQUEST = 640
"""Tokens beside the text: the frame of a turn; that of the whole, Anthropic's words about tools (346 to 530) in it."""
_PER_IMAGE = 50_000
"""The most any model counts a picture for: eight tiles of gpt-4o-mini are 48,169 tokens."""


def prompt_bytes(request: ChatRequest) -> int:
    """Give the UTF-8 bytes of a request's texts: no tokenizer makes more tokens than bytes of them."""
    return sum(_bytes_of(message.content) for message in request.messages)


def most_prompt_tokens(request: ChatRequest, *, schema_bytes: int) -> int:
    """Give a number of prompt tokens that a request surely does not exceed. schema_bytes: of its answer's schema."""
    images = sum(len(message.images) for message in request.messages)
    return (
        prompt_bytes(request) + schema_bytes + _PER_IMAGE * images + _PER_MESSAGE * len(request.messages) + _PER_REQUEST
    )


def worst_case(price: Price, prompt_tokens: int, answer_tokens: int) -> int:
    """Give the most that a call of at most so many tokens costs, in pico-USD.

    Every prompt token may be written into the provider's cache.
    """
    written = Usage(prompt_tokens, answer_tokens, 0, prompt_tokens)
    return max(price.cost_pico(Usage(prompt_tokens, answer_tokens)), price.cost_pico(written))


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
