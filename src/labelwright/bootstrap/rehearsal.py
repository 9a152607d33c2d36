"""A rehearsal's database: a real one, in a folder of its own that goes when it is over."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from labelwright.adapters.storage import open_storage
from labelwright.bootstrap import DATABASE
from labelwright.domain.canonical import Json

if TYPE_CHECKING:
    from labelwright.domain.project import Project
    from labelwright.ports.storage import Storage
    from labelwright.services.money.plan_money_inputs import Measured


@contextmanager
def temporary_storage() -> Generator[Storage]:
    """Give an empty database on disk."""
    with TemporaryDirectory(prefix="labelwright-rehearsal-") as folder:
        storage = open_storage(Path(folder) / DATABASE, create=True)
        try:
            yield storage
        finally:
            storage.close()


def rehearse(
    written: Mapping[str, object],
    *,
    seeds: Sequence[int],
    project: Project | None = None,
    measured: Measured | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Json]:
    """Rehearse what is written, and what a project knows of itself, once per seed."""
    from labelwright.services.money.simulate_inputs import read_rehearsal
    from labelwright.services.money.simulate_report import rehearse as run

    world, policy, unused = read_rehearsal(written, project=project, measured=measured)
    report = run(world, policy, seeds=seeds, make_storage=temporary_storage, progress=progress)
    return {**report, "not_rehearsed": list(unused)}
