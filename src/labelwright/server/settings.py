"""How the server is set up; nothing is read from the environment here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """hosts: names besides loopback that a request's Host header may have, without a port.

    workspace: the folder of the workspace, where reports are made in a process of their own; None = in a thread.
    """

    hosts: tuple[str, ...] = ()
    static: Path = STATIC
    workspace: Path | None = None
    body_bytes: int = 2_000_000
    allowed_hosts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        named = frozenset(name.lower() for name in (*LOOPBACK_HOSTS, *self.hosts))
        object.__setattr__(self, "allowed_hosts", named)
