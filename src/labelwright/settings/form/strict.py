"""What every part of the form has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

_MICRO = 1_000_000


class Strict(BaseModel):
    """What is written is what is meant: no key that there is not, no text for a number."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


def micro(dollars: float | None) -> int | None:
    """Write USD as micro-USD; None stays None."""
    return None if dollars is None else round(dollars * _MICRO)
