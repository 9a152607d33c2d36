"""The one place where ports meet adapters."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import labelwright
from labelwright.adapters.storage import open_storage
from labelwright.domain.ids import ProjectId
from labelwright.errors import WorkspaceMissing
from labelwright.ports.world import World

if TYPE_CHECKING:
    from labelwright.domain.project import ModelSource, Project, ProjectConfig
    from labelwright.ports.chat import FlowRunner
    from labelwright.ports.jobs import RunControl
    from labelwright.ports.storage import Storage
    from labelwright.services.combine import CombineReport
    from labelwright.services.export import ExportReport
    from labelwright.services.import_items import ImportReport
    from labelwright.services.labelling_run import Surroundings
    from labelwright.services.prelabel import PrelabelReport

DATABASE = "labelwright.db"
PRICES = "prices.json"
"""In the workspace's folder: the user's own price list, which goes before the built-in one."""


def real_world(*, via: str, actor: str = "system") -> World:
    """Give this machine's clock and randomness."""
    return World(
        now=time.time,
        new_id=lambda: secrets.token_hex(8),
        random_bytes=secrets.token_bytes,
        actor=actor,
        via=via,
        version=labelwright.__version__,
    )


def open_workspace(folder: Path) -> Storage:
    """Open a workspace's database. Raises WorkspaceMissing, WorkspaceTooNew."""
    if not (folder / DATABASE).is_file():
        raise WorkspaceMissing(folder)
    return open_storage(folder / DATABASE, create=False)


def create_workspace(folder: Path) -> Storage:
    """Open a workspace's database, making folder and database where they are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return open_storage(folder / DATABASE, create=True)


def import_items(
    project: ProjectId,
    rows: Path | Sequence[Mapping[str, Any]],
    *,
    storage: Storage,
    world: World,
    fields: Mapping[str, str] | None = None,
    id_field: str | None = None,
    format: str | None = None,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    rejected: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Bring in items from a file, or from rows that Python holds already."""
    from labelwright.adapters.formats.items import RowsInMemory, open_items
    from labelwright.adapters.formats.rejections import RejectionFile
    from labelwright.services.import_items import import_items as import_rows
    from labelwright.services.item_rows import FieldMapping

    if isinstance(rows, Path):
        source = open_items(rows, format=format, encoding=encoding, delimiter=delimiter)
    else:
        source = RowsInMemory(rows)
    return import_rows(
        project,
        source,
        storage=storage,
        world=world,
        mapping=FieldMapping(id=id_field, fields=dict(fields or {})),
        rejected=None if rejected is None else RejectionFile(rejected),
        progress=progress,
    )


def check_models(config: ProjectConfig) -> None:
    """Check that the models' providers exist and can do what the project asks of them. Raises InvalidValue."""
    if config.models:
        from labelwright.adapters.chat.registry import check_models as check

        check(config)


def surroundings(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    stop: threading.Event,
    control: RunControl | None = None,
) -> Surroundings:
    """Give what a project's runs need of the world: its models, budget, prices, pictures and embedder."""
    from labelwright.adapters.chat.outbound_guard import OutboundGuard
    from labelwright.adapters.chat.pictures import read_picture
    from labelwright.adapters.chat.registry import provider_of
    from labelwright.adapters.embedders import HashedEmbedder
    from labelwright.adapters.execution.stored_calls import StoredCalls
    from labelwright.adapters.execution.threaded import ThreadedRunner
    from labelwright.adapters.jobs import StoredBudget
    from labelwright.prompting.price import read_prices
    from labelwright.services.labelling_run import Surroundings

    config = project.config
    calls = StoredCalls(storage)
    guard = OutboundGuard(config.privacy)

    def runner(source: ModelSource) -> FlowRunner:
        connect = provider_of(source.provider).connect
        model = connect(source, environment=os.environ, send_metadata=config.recorded, guard=guard)
        return ThreadedRunner(
            model,
            calls,
            concurrency=source.concurrency,
            stop=stop,
            now=world.now,
            requests_per_minute=source.requests_per_minute,
            tokens_per_minute=source.tokens_per_minute,
        )

    prices, limit = folder / PRICES, config.spending.budget
    return Surroundings(
        storage=storage,
        world=world,
        runner=runner,
        embedder=HashedEmbedder,
        picture=lambda value, item, field: read_picture(value, folder=folder, item=item, field=field),
        budget=None
        if limit is None
        else StoredBudget(storage, project.id, limit, process=world.new_id(), now=world.now),
        control=control,
        prices=read_prices(prices) if prices.is_file() else (),
    )


def prelabel(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    control: RunControl | None = None,
) -> PrelabelReport:
    """Have the project's models label what is due; Ctrl-C lets the calls in flight finish and be kept.

    control: the job this run belongs to; without one it is a job of its own, which others may watch, pause and cancel.
    """
    from contextlib import ExitStack

    from labelwright.adapters.execution.signals import draining_on_signals
    from labelwright.adapters.jobs import open_job
    from labelwright.services.prelabel import prelabel as label

    check_models(project.config)  # it may have been put in force from Python, or by an earlier version
    with ExitStack() as stack:
        stop = stack.enter_context(draining_on_signals(threading.Event()))
        if control is None:
            job = open_job(storage, project.id, "prelabel", job=world.new_id(), now=world.now, limit=limit)
            control = stack.enter_context(job)
        around = surroundings(project, folder, storage=storage, world=world, stop=stop, control=control)
        return label(project, around, limit=limit, progress=progress)


def combine(project: ProjectId, *, storage: Storage, world: World, refit: bool = False) -> CombineReport:
    """Learn how to combine models and signals, and record what they say together."""
    from labelwright.adapters.embedders import HashedEmbedder
    from labelwright.services.combine import combine as learn

    return learn(project, storage=storage, world=world, embedder=HashedEmbedder(), refit=refit)


def export(
    project: ProjectId,
    destination: Path,
    *,
    storage: Storage,
    world: World,
    formats: Sequence[str] = ("jsonl", "csv"),
    guard_formulas: bool = False,
) -> ExportReport:
    """Write the labelled data set into a folder."""
    from labelwright.adapters.formats.export_folder import ExportFolder
    from labelwright.services.export import export as write

    sink = ExportFolder(destination, formats=formats, guard_formulas=guard_formulas)
    return write(project, sink, storage=storage, world=world)
