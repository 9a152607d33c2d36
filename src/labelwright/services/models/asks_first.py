"""Which runs ask before they spend: on the command line and on the page alike."""

from __future__ import annotations

from labelwright.domain.project import ProjectConfig

ASKED_FIRST = 5_000_000
"""micro-USD: what may cost more asks first, where project.yaml does not say from when on (`confirm_above`)."""


def asks_first(config: ProjectConfig, cost_micro: int | None) -> bool:
    """Say whether calls of this cost ask first. Recordings cost nothing.

    cost_micro: as a rule; None = no price is known: asked only where the project sets a limit.
    """
    limit = config.spending.confirm_above
    if config.recorded:
        return False
    if cost_micro is None:
        return limit is not None
    return cost_micro > (ASKED_FIRST if limit is None else limit)
