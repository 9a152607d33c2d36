"""What a project's runs need of the world: models live and in batches, budget, prices, pictures, embedder."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labelwright.adapters.chat.outbound_guard import OutboundGuard
    from labelwright.adapters.execution.outbound_book import OutboundBook
    from labelwright.domain.canonical import Json
    from labelwright.domain.project import ModelSource, Project
    from labelwright.ports.budget import Budget
    from labelwright.ports.chat import FlowRunner
    from labelwright.ports.jobs import RunControl
    from labelwright.ports.storage import Storage
    from labelwright.ports.world import World
    from labelwright.prompting.chat import ChatRequest, Image
    from labelwright.services.models.surroundings import Surroundings

PRICES = "prices.json"
"""In the workspace's folder: the user's own price list, which goes before the built-in one."""
BATCHES = "batches"
"""In the workspace's folder: where batches are written on their way to a provider."""


def surroundings(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    stop: threading.Event,
    control: RunControl | None = None,
    tell: Callable[[str], None] | None = None,
) -> Surroundings:
    """Give what a project's runs need of the world: its models, budget, prices, pictures and embedder.

    stop: set it to end a run early.  tell: takes lines for people about what takes hours (batches).
    """
    from labelwright.adapters.chat.outbound_guard import OutboundGuard
    from labelwright.adapters.chat.pictures import read_picture
    from labelwright.adapters.chat.registry import provider_of
    from labelwright.adapters.embedders import HashedEmbedder
    from labelwright.adapters.jobs import StoredBudget
    from labelwright.prompting.price import read_prices
    from labelwright.services.models.surroundings import Surroundings
    from labelwright.services.projects.project_of import project_of

    config = project.config
    guard = OutboundGuard(config.privacy)
    replaced: dict[int, int] = {}

    def runner(source: ModelSource) -> FlowRunner:
        opener = _batch_runner if source.delivery == "batch" else _live_runner
        return opener(
            project, source, folder, storage=storage, world=world, stop=stop, guard=guard, replaced=replaced, tell=tell
        )

    def preview(source: ModelSource) -> tuple[Callable[[ChatRequest], bytes], str]:
        keyless = replace(source, api_key_env=None)  # nothing is sent
        model = provider_of(source.provider).connect(
            keyless, environment={}, send_metadata=config.recorded, guard=guard
        )
        return model.written, model.provider

    def picture(value: Json, item: str, field: str) -> Image:
        found = read_picture(value, folder=folder, item=item, field=field)
        if not found.url.startswith("data:"):
            guard.check_link(found.url)
        return found

    prices = folder / PRICES
    # A batch may be fetched by another process than the one that sent it, and what was set aside is for both.
    process = "batch" if any(source.delivery == "batch" for source in config.models) else world.new_id()
    budget: Budget | None = None
    if config.spending.budget is not None:
        budget = StoredBudget(
            storage,
            project.id,
            lambda views: project_of(views, project.id).config.spending.budget,
            process=process,
            now=world.now,
        )
    return Surroundings(
        storage=storage,
        world=world,
        runner=runner,
        preview=preview,
        embedder=HashedEmbedder,
        picture=picture,
        budget=budget,
        control=control,
        prices=read_prices(prices) if prices.is_file() else (),
        replaced=replaced,
    )


def _live_runner(
    project: Project,
    source: ModelSource,
    _folder: Path,
    *,
    storage: Storage,
    world: World,
    stop: threading.Event,
    guard: OutboundGuard,
    replaced: Mapping[int, int],
    tell: Callable[[str], None] | None,  # noqa: ARG001 - answers come as fast as they can be shown
) -> FlowRunner:
    """Connect to a model that answers at once. Every request goes into the log of what left, with its call."""
    from labelwright.adapters.chat.registry import provider_of
    from labelwright.adapters.execution.outbound_book import LoggedCalls, LoggedModel
    from labelwright.adapters.execution.threaded import ThreadedRunner

    book = _outbound_book(project, replaced, world)
    calls = LoggedCalls(storage, book)
    connect = provider_of(source.provider).connect
    model = connect(source, environment=os.environ, send_metadata=project.config.recorded, guard=guard)
    return ThreadedRunner(
        LoggedModel(model, book, keep=calls.record),
        calls,
        concurrency=source.concurrency,
        stop=stop,
        now=world.now,
        requests_per_minute=source.requests_per_minute,
        tokens_per_minute=source.tokens_per_minute,
    )


def _batch_runner(
    project: Project,
    source: ModelSource,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    stop: threading.Event,
    guard: OutboundGuard,
    replaced: Mapping[int, int],
    tell: Callable[[str], None] | None,
) -> FlowRunner:
    """Connect to a model's batch API. Each batch's file is in the log of what left, and so is what is asked live."""
    from labelwright.adapters.batch.registry import batch_of
    from labelwright.adapters.execution.batch_runner import BatchRunner
    from labelwright.adapters.execution.outbound_book import LoggedCalls, LoggedModel
    from labelwright.adapters.storage.batches import StoredBatches

    book = _outbound_book(project, replaced, world)
    calls = LoggedCalls(storage, book)
    connect = batch_of(source.provider).connect
    provider = connect(source, environment=os.environ, send_metadata=project.config.recorded, guard=guard)
    return BatchRunner(
        provider,
        calls,
        StoredBatches(storage),
        model=source.model,
        folder=folder / BATCHES,
        new_id=world.new_id,
        stop=stop,
        now=world.now,
        tell=tell,
        see=lambda sent, run, items: calls.record([book.record_batch(sent, run, items)]),
        alone=LoggedModel(provider.live, book, keep=calls.record),
    )


def _outbound_book(project: Project, replaced: Mapping[int, int], world: World) -> OutboundBook:
    from labelwright.adapters.execution.outbound_book import OutboundBook
    from labelwright.prompting.privacy.protect import may_leave

    config = project.config
    return OutboundBook(
        project.id,
        fields=may_leave(config.content_fields, config.privacy),
        pii=config.privacy.pii,
        replaced=lambda item: replaced.get(item, 0),
        now=world.now,
    )
