"""What makes a module of this package a batch API: a `BATCH`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from labelwright.adapters.chat.outbound_guard import OutboundGuard
from labelwright.domain.project import ModelSource
from labelwright.ports.batches import BatchProvider


class ConnectBatch(Protocol):
    """Opens a configured endpoint's batch API."""

    def __call__(
        self,
        source: ModelSource,
        *,
        environment: Mapping[str, str],
        send_metadata: bool = False,
        seconds: float = 120.0,
        guard: OutboundGuard | None = None,
    ) -> BatchProvider:
        """Take the key from its named environment variable. Raises KeyRefused, when that is not set.

        seconds: how long one call may take; an upload or a download, thirty times as long.
        Else as `adapters.chat.provider.Connect`.
        """
        ...


@dataclass(frozen=True, slots=True)
class BatchKind:
    """The batch API of a provider. provider: its name, as `provider:` in project.yaml says it."""

    provider: str
    connect: ConnectBatch
