"""A question put to a chat model, and its answer, in no provider's dialect."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, TypeAlias, TypeVar, cast

import orjson

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.prompting.usage import Usage

T = TypeVar("T")

_LONG = 1_000


@dataclass(frozen=True, slots=True)
class Image:
    """A picture shown to a model. url: a `data:image/…;base64,…` URL, or an https link that the provider fetches."""

    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation: its text, and the pictures that stand before it."""

    role: Literal["system", "user", "assistant"]
    content: str
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Everything that decides an answer, and what travels along.

    answer_schema: JSON schema of the answer (OpenAI's strict subset); None = free text.
    top_logprobs: how many alternatives per token to ask for; None = none.
    sample: which of several otherwise equal requests this is.
    metadata: sent along; of it, `item_id` alone is part of the key (a provider may tell equal texts apart by it).
    """

    model: str
    messages: tuple[Message, ...]
    answer_schema: Mapping[str, Json] | None = None
    schema_name: str = "answer"
    temperature: float | None = 0.0
    max_tokens: int | None = 512
    top_logprobs: int | None = None
    seed: int | None = None
    sample: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


Flow: TypeAlias = Generator[ChatRequest, "ChatResponse", T]
"""A conversation: yields requests, is sent responses, returns its outcome."""


@dataclass(frozen=True, slots=True)
class TokenAlternative:
    """A token the model weighed at one place."""

    text: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token of the answer, with what else might have stood there (itself usually included)."""

    text: bytes
    logprob: float
    alternatives: tuple[TokenAlternative, ...]


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What a provider's headers say about its limits; None = not said. Seconds until a count is full again.

    requests, tokens: allowed per minute.  *_left: of them, now.  *_reset: seconds until all are there again.
    """

    requests: int | None = None
    requests_left: int | None = None
    requests_reset: float | None = None
    tokens: int | None = None
    tokens_left: int | None = None
    tokens_reset: float | None = None


@dataclass(frozen=True, slots=True)
class ChatResponse:
    """What a model answered.

    finish_reason: only `stop` means that the text is whole.  refusal: the model's own words for declining.
    usage: None = the provider did not say.  logprobs: None = none came.
    probabilities: per question that was decided, how probable each of its labels is: of one, to be the answer; where
    any number may be chosen, to be among them. None = the provider does not weigh labels.
    extra: what the endpoint says about the answer's origin (the replay server: that it is recorded, and from where).
    limits: the provider's rate limits, as its headers say; not kept in the ledger.
    """

    text: str
    finish_reason: str | None
    usage: Usage | None
    model: str
    refusal: str | None = None
    logprobs: tuple[TokenLogprob, ...] | None = None
    extra: Mapping[str, Json] = field(default_factory=dict[str, Json])
    probabilities: Mapping[str, Mapping[str, float]] | None = None
    limits: RateLimits | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the model ended by itself. A refusal is whole: it is an answer."""
        return self.finish_reason == "stop" or (self.finish_reason is None and self.refusal is not None)


def request_key(request: ChatRequest, provider: str) -> str:
    """Name a request by all that can change its answer: 32 hex characters.

    provider: the endpoint's base URL.
    Raises: InvalidValue, when a text cannot be sent (a lone surrogate).
    """
    r = request
    try:
        everything = orjson.dumps(
            [
                1,  # the form of this list: a new form gets a new number
                provider,
                r.model,
                [_named(message) for message in r.messages],
                r.answer_schema,
                r.schema_name,
                r.temperature,
                r.max_tokens,
                r.top_logprobs,
                r.seed,
                r.sample,
                r.metadata.get("item_id"),
            ]
        )
    except TypeError as problem:
        raise InvalidValue(
            "", f"the text cannot be written as UTF-8 ({problem})", "; remove the lone surrogate"
        ) from None
    return hashlib.sha256(everything).hexdigest()[:32]


def _named(message: Message) -> list[str | int]:
    """Give a message for the key: itself when short, by its hash when long (the static part is hashed once)."""
    pictures = [hashlib.sha256(image.url.encode("utf-8", "surrogatepass")).hexdigest() for image in message.images]
    if len(message.content) < _LONG:
        return [message.role, 0, message.content, *pictures]
    return [message.role, 1, _hash_of_text(message.content), *pictures]


@lru_cache(maxsize=32)
def _hash_of_text(text: str) -> str:
    return hashlib.sha256(orjson.dumps(text)).hexdigest()


def encode_response(response: ChatResponse) -> bytes:
    """Write an answer as the call ledger keeps it."""
    r = response
    kept: dict[str, object] = {"text": r.text, "finish": r.finish_reason, "model": r.model}
    if r.usage is not None:
        kept["usage"] = [r.usage.prompt_tokens, r.usage.completion_tokens, r.usage.cached_tokens]
        if r.usage.cache_write_tokens:
            kept["usage"] += [r.usage.cache_write_tokens]
    if r.refusal is not None:
        kept["refusal"] = r.refusal
    if r.logprobs is not None:
        kept["logprobs"] = [
            [t.text.hex(), t.logprob, [[a.text.hex(), a.logprob] for a in t.alternatives]] for t in r.logprobs
        ]
    if r.extra:
        kept["extra"] = r.extra
    if r.probabilities is not None:
        kept["probabilities"] = r.probabilities
    return orjson.dumps(kept)


def decode_response(kept: bytes) -> ChatResponse:
    """Read what `encode_response` wrote."""
    stored = cast("dict[str, Any]", orjson.loads(kept))
    usage = cast("list[int] | None", stored.get("usage"))
    tokens = cast("list[tuple[str, float, list[tuple[str, float]]]] | None", stored.get("logprobs"))
    return ChatResponse(
        text=stored["text"],
        finish_reason=stored["finish"],
        usage=None if usage is None else Usage(*usage),
        model=stored["model"],
        refusal=stored.get("refusal"),
        logprobs=None
        if tokens is None
        else tuple(
            TokenLogprob(
                bytes.fromhex(text), logprob, tuple(TokenAlternative(bytes.fromhex(a), lp) for a, lp in alternatives)
            )
            for text, logprob, alternatives in tokens
        ),
        extra=stored.get("extra", {}),
        probabilities=stored.get("probabilities"),
    )
