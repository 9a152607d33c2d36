"""What conversations with models need of the world, and what they cost: no statistics, so that it is soon imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from labelwright.domain.project import ModelSource, Project
from labelwright.ports.budget import Budget
from labelwright.ports.chat import FlowRunner
from labelwright.ports.embedder import Embedder
from labelwright.ports.jobs import RunControl
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.price import Price, PriceRow, price_for
from labelwright.services.models.show_item import ReadPicture


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What runs of all models share.

    runner: connects to a model.  preview: what would be sent to it: request -> body, and to which address.
    picture: reads image fields.  embedder: finds similar items for examples.
    budget: None = no limit.  control: where a run reports and is told to pause or end; None = nobody watches.
    prices: the user's own price list.  replaced: of the items under way, how many pieces of personal data were
    replaced; the runs write it, the log of what left reads it.
    """

    storage: Storage
    world: World
    runner: Callable[[ModelSource], FlowRunner]
    preview: Callable[[ModelSource], tuple[Callable[[ChatRequest], bytes], str]]
    embedder: Callable[[], Embedder]
    picture: ReadPicture | None = None
    budget: Budget | None = None
    control: RunControl | None = None
    prices: Sequence[PriceRow] = ()
    replaced: dict[int, int] = field(default_factory=dict[int, int])


def model_price(project: Project, source: ModelSource, around: Surroundings) -> Price | None:
    """Give what a model costs today; None = nobody knows."""
    on = datetime.fromtimestamp(around.world.now(), UTC).date()
    found = price_for(source, on=on, own=around.prices)
    if found is None and project.config.recorded:  # a recorded variant is named `model/prompt`
        return price_for(ModelSource(source.model.split("/")[0], source.base_url), on=on, own=around.prices)
    return found
