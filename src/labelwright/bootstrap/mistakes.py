"""Where ports meet adapters for what says where a model is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labelwright.domain.ids import ProjectId
from labelwright.ports.embedder import Embedder
from labelwright.ports.world import World

if TYPE_CHECKING:
    from labelwright.domain.canonical import Json
    from labelwright.domain.project import Project
    from labelwright.ports.storage import Storage
    from labelwright.services.soundness.slice_actions import DrawReport, RerouteReport


def embedder() -> Embedder:
    """Give what items are compared by."""
    from labelwright.adapters.embedders import HashedEmbedder

    return HashedEmbedder()


def slices(
    project: ProjectId, *, storage: Storage, world: World, by: Sequence[str], q: float, confirm: bool
) -> dict[str, Json]:
    """Find slices in which the model is wrong more often, and keep them."""
    from labelwright.services.soundness.slices import search_slices

    return search_slices(project, storage=storage, world=world, embedder=embedder(), by=by, q=q, confirm=confirm)


def draw_in_slice(project: ProjectId, finding: int, *, storage: Storage, world: World, n: int | None) -> DrawReport:
    """Draw items of a finding's slice, to be labelled blind."""
    from labelwright.services.soundness.slice_actions import draw_in_slice as draw

    return draw(project, finding, storage=storage, world=world, embedder=embedder(), n=n)


def reroute_slice(project: ProjectId, finding: int, *, storage: Storage, world: World) -> RerouteReport:
    """Send the accepted labels of a finding's slice back to people."""
    from labelwright.services.soundness.slice_actions import reroute_slice as reroute

    return reroute(project, finding, storage=storage, world=world, embedder=embedder())


def missing_labels(project: ProjectId, *, storage: Storage, world: World, q: float) -> dict[str, Json]:
    """Find groups of items that fit no label."""
    from labelwright.services.soundness.missing_label import find_missing_labels

    return find_missing_labels(project, storage=storage, world=world, embedder=embedder(), q=q)


def probe_change(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    n: int,
    target: float,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Json]:
    """Have the model label a probe anew under the guideline in force; Ctrl-C keeps what was answered."""
    from labelwright.adapters.execution.signals import draining_on_signals
    from labelwright.bootstrap import check_models
    from labelwright.bootstrap.models import surroundings
    from labelwright.services.soundness.guideline_change import probe

    check_models(project.config)
    with draining_on_signals(threading.Event()) as stop:
        around = surroundings(project, folder, storage=storage, world=world, stop=stop)
        return probe(project, around, n=n, target=target, progress=progress)
