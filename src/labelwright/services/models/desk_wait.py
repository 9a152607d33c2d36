"""How long a model at the desk is waited for: by somebody who asked it, or by the review of what somebody gave."""

from __future__ import annotations

from labelwright.domain.project import DEFAULT_TIMEOUT_SECONDS, ModelSource

PATIENCE_SECONDS = 40.0
"""After which a model at the desk is not asked once more; a request under way may still be answered."""
WAIT_SECONDS = 60.0
_BESIDES = 10.0


def desk_wait(source: ModelSource) -> float:
    """Give the seconds after which nobody waits any more: a minute, or what a request to a slow model may take.

    Slow is a model that is given more than the default for a request: with it, even a last attempt ends by itself.
    """
    if source.timeout_seconds <= DEFAULT_TIMEOUT_SECONDS:
        return WAIT_SECONDS
    return PATIENCE_SECONDS + source.timeout_seconds + _BESIDES


def assistant_wait(models: tuple[ModelSource, ...], name: str) -> float:
    """Give the seconds that the model of this name is waited for."""
    return next((desk_wait(one) for one in models if one.model == name), WAIT_SECONDS)
