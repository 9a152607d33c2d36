"""OpenAI's decisions: a probability for every label, instead of words.

A question with one answer is put as a choice; one with any number of labels, as a predicate per label. The prompt is
the same as for chat models, without the part on JSON; the answer comes back as the JSON object a chat model would have
written, beside the probabilities. There are no temperature, seed, token limit or log-probabilities.

Source: OpenAI API reference, decisions (beta of 2026-10-06; openai 3.52, types/decision*.py); CONTRACTS II.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from labelwright.adapters.chat.decision_body import asked_by, read_decision, written
from labelwright.adapters.chat.endpoint import Endpoint, HttpAnswer, key_of
from labelwright.adapters.chat.http_failures import failure_of, is_about_the_model, read_error
from labelwright.adapters.chat.openai_compatible import key_headers
from labelwright.adapters.chat.outbound_guard import OutboundGuard
from labelwright.adapters.chat.pictures import check_pictures, decisions_content
from labelwright.adapters.chat.provider import Provider
from labelwright.adapters.chat.rate_headers import with_limits
from labelwright.domain.project import ModelSource, Question
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatRequest, ChatResponse
from labelwright.prompting.failures import ChatRefused
from labelwright.tasks.registry import bind

MOST_CHOICES = 255
MOST_QUESTIONS = 400


class OpenAIDecisions:
    """A decisions endpoint under `base_url` (up to and including `/v1`).

    api_key: None = none is sent.  seconds: how long one attempt may take, connecting included.
    Raises: InvalidValue, when the address or the key cannot be used at all.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        seconds: float = 120.0,
        guard: OutboundGuard | None = None,
    ) -> None:
        self._endpoint = Endpoint(
            base_url,
            "/decisions",
            api_key=api_key,
            headers=key_headers(base_url, api_key),
            seconds=seconds,
            guard=guard,
        )

    @property
    def provider(self) -> str:
        """The endpoint's address: under the same base URL chat models answer other requests."""
        return self._endpoint.base_url + "/decisions"

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Make one attempt."""
        questions = asked_by(request.answer_schema)
        answer = await self._endpoint.post(self.body(request))
        if answer.status == 200:
            return with_limits(read_decision(answer.body, questions), answer.headers)
        raise self._failure(request, answer)

    async def close(self) -> None:
        """Close all connections."""
        await self._endpoint.close()

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """Write a request's body. Raises InvalidValue, when a picture or question cannot be sent."""
        check_pictures(request)
        return {
            "model": request.model,
            "input": [{"role": m.role, "content": decisions_content(m.content, m.images)} for m in request.messages],
            "questions": written(asked_by(request.answer_schema)),
        }

    def written(self, request: ChatRequest) -> bytes:
        """Give the body of a first attempt, byte for byte."""
        return orjson.dumps(self.body(request))

    def _failure(self, request: ChatRequest, answer: HttpAnswer) -> Exception:
        error = read_error(self._endpoint.text_of(answer))
        address = self.provider
        if answer.status in (404, 405, 501) and not is_about_the_model(error):
            # Few endpoints have decisions: this usually is no slip in the address, but a provider without them.
            return ChatRefused(
                f"{address} answered {answer.status}: {error.message}; this endpoint has no decisions: take "
                f"`provider: openai` with `confidence: logprob` (or verbalised) in project.yaml",
                http_status=answer.status,
                body=error.text.encode(),
            )
        return failure_of(answer.status, answer.headers, error, endpoint=address, model=request.model, path="decisions")


def connect(
    source: ModelSource,
    *,
    environment: Mapping[str, str],
    send_metadata: bool = False,  # noqa: ARG001 - the protocol has no place for an item's id
    guard: OutboundGuard | None = None,
) -> OpenAIDecisions:
    """Open a configured endpoint with the key from its named environment variable. Raises KeyRefused."""
    return OpenAIDecisions(
        source.base_url, api_key=key_of(source, environment), seconds=source.timeout_seconds, guard=guard
    )


def _check(source: ModelSource, questions: Sequence[Question]) -> None:
    """The limits are the protocol's."""
    try:
        asked = asked_by({"properties": {q.name: bind(q).answer_schema() for q in questions}})
    except InvalidValue as problem:
        raise InvalidValue("provider", f"{source.provider!r}: {problem.problem}", "; take provider openai") from None
    for question in asked:
        if question.is_choice and len(question.labels) > MOST_CHOICES:
            had = f"question {question.name!r} has {len(question.labels)}"
            raise _too_many(source, f"{MOST_CHOICES} labels in a question, and {had}")
    n_put = sum(1 if question.is_choice else len(question.labels) for question in asked)
    if n_put > MOST_QUESTIONS:
        raise _too_many(source, f"{MOST_QUESTIONS} questions and labels of multilabel questions, and here are {n_put}")


def _too_many(source: ModelSource, what: str) -> InvalidValue:
    return InvalidValue("provider", f"{source.provider!r} takes at most {what}", "; take provider openai")


PROVIDER = Provider(
    "openai-decisions", frozenset({"decisions", "agreement", "neighbours", "combined", "none"}), connect, _check
)
