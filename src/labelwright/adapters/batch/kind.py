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
        guard: OutboundGuard | None = None,
    ) -> BatchProvider:
        """Open it as `adapters.chat.provider.Connect` does.

        The source's time-out holds for each small call; an upload or a download may take longer (`BatchCalls`).
        """
        ...


@dataclass(frozen=True, slots=True)
class BatchKind:
    """The batch API of a provider. provider: its name, as `provider:` in project.yaml says it."""

    provider: str
    connect: ConnectBatch
