"""Runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class NewJob(BaseModel):
    """What to run. limit: label at most this many items; null = all that are due."""

    kind: Literal["prelabel"] = "prelabel"
    limit: Annotated[int, Field(ge=1, le=2**31)] | None = None


class ShownJob(BaseModel):
    """A run. Counts are of items; costs in micro-USD, null = not known.

    is_stalled: it should be moving and has not been heard of for 30 s; its worker was killed. Resume goes on.
    actions: what may be asked of it now.  seconds_silent: since its worker was last heard of.
    """

    id: str
    kind: Literal["prelabel"]
    state: Literal["waiting", "running", "pausing", "paused", "cancelling", "cancelled", "done", "failed"]
    is_stalled: bool
    actions: list[Literal["pause", "resume", "cancel"]]
    total: int
    done: int
    failed: int
    calls: int
    reused: int
    tokens_in: int
    tokens_out: int
    cost_micro: int | None
    per_second: float | None
    seconds_left: float | None
    seconds_silent: float | None
    limit: int | None
    asked_by: str
    created_at: str
    started_at: str | None
    ended_at: str | None
    problem: str | None


class ShownBudget(BaseModel):
    """Where the budget stands, in micro-USD. limit_micro: null = none is set.

    reserved_micro: the worst case of calls that are out, by runs heard of within the last minute.  lost_micro: that of
    calls whose worker was killed, or whose batch is not fetched yet: the provider may bill them, so they count as
    spent.
    """

    limit_micro: int | None
    spent_micro: int
    reserved_micro: int
    lost_micro: int


class ModelForecast(BaseModel):
    """What one model would be asked, about: judged by a random sample. Costs in micro-USD; null = no price is known.

    items: that are due.  paid: of them answered and paid for already.  held_back: those it would not be shown.
    calls, cost_micro: as a rule; most_calls, most_micro: at most, with every repair.
    """

    model: str
    items: int
    paid: int
    held_back: int
    calls: int
    most_calls: int
    cost_micro: int | None
    most_micro: int | None


class RunForecast(BaseModel):
    """What a run would cost, in micro-USD: as a rule and at most; null = no price is known for a model.

    asks: whether such a run asks first, by the project's `confirm_above`.  left_micro: of the budget; null = no limit.
    """

    asks: bool
    models: list[ModelForecast]
    cost_micro: int | None
    most_micro: int | None
    left_micro: int | None


class Jobs(BaseModel):
    """The newest runs of the project, newest first, and its budget."""

    jobs: list[ShownJob]
    budget: ShownBudget
