"""What makes a module of this package a provider: a `PROVIDER`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from labelwright.adapters.chat.outbound_guard import OutboundGuard
from labelwright.domain.project import ConfidenceSource, ModelSource, Question
from labelwright.ports.chat import ChatModel


class Connect(Protocol):
    """Opens a configured endpoint."""

    def __call__(
        self,
        source: ModelSource,
        *,
        environment: Mapping[str, str],
        send_metadata: bool = False,
        guard: OutboundGuard | None = None,
    ) -> ChatModel:
        """Take the key from its named environment variable, and the rest, the time-out too, from the source.

        Raises: KeyRefused, when that variable is not set.

        send_metadata: whether the item's id travels along, where the protocol has a place for it.
        guard: decides where calls may go; None = anywhere but where nothing ever may.
        """
        ...


def _nothing_wrong(source: ModelSource, questions: Sequence[Question]) -> None:
    """Take every question and setting."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A protocol by which models are called.

    name: as `provider:` in project.yaml says it.  confidences: the signals it can give for its own labels.
    check: raises InvalidValue(path within the model's entry, ...), when it cannot put the questions, or not this way.
    """

    name: str
    confidences: frozenset[ConfidenceSource]
    connect: Connect
    check: Callable[[ModelSource, Sequence[Question]], None] = _nothing_wrong
