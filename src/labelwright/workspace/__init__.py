"""The verbs in Python: what commands, server and notebooks call.

>>> import tempfile, labelwright
>>> from labelwright.workspace import Workspace
>>> with Workspace.create(tempfile.mkdtemp()) as workspace:
...     workspace.projects()
[]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from labelwright import bootstrap
from labelwright.errors import Conflict, NotFound, did_you_mean
from labelwright.ports.world import World
from labelwright.workspace.auditing import AuditVerbs
from labelwright.workspace.configuring import ConfiguringVerbs
from labelwright.workspace.labelling import LabellingVerbs
from labelwright.workspace.mistakes import MistakeVerbs
from labelwright.workspace.money import MoneyVerbs
from labelwright.workspace.soundness import SoundnessVerbs

if TYPE_CHECKING:
    from labelwright.domain.ids import ProjectId
    from labelwright.ports.jobs import JobCounts
    from labelwright.ports.ledger_reads import Head
    from labelwright.ports.storage import Storage
    from labelwright.services.projects.cycle import CycleReport, Stage
    from labelwright.services.projects.manage_project import ApplyReport

__all__ = ["ProjectHandle", "Workspace"]


class Workspace:
    """One database in one folder, holding many projects. Several processes may have it open."""

    def __init__(self, path: Path, storage: Storage, world: World) -> None:
        self.path, self.storage, self.world = path, storage, world

    @classmethod
    def open(cls, path: str | Path, *, via: str = "python") -> Workspace:
        """Open a workspace. Raises WorkspaceMissing; WorkspaceTooNew, when a later version wrote it."""
        return cls(Path(path), bootstrap.open_workspace(Path(path)), bootstrap.real_world(via=via))

    @classmethod
    def create(cls, path: str | Path, *, via: str = "python") -> Workspace:
        """Open the workspace in a folder, and make it when there is none."""
        return cls(Path(path), bootstrap.create_workspace(Path(path)), bootstrap.real_world(via=via))

    def close(self) -> None:
        """Let go of the database."""
        self.storage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def projects(self) -> list[str]:
        """Give the names of the projects."""
        with self.storage.reading() as views:
            return [project.name for project in views.projects()]

    def project(self, name: str | None = None) -> ProjectHandle:
        """Take a project by name; the name may be left out where there is only one. Raises NotFound."""
        names = self.projects()
        if name is None:
            if len(names) != 1:
                hint = f"it has {', '.join(names)}; name one" if names else "it has none yet; run: labelwright apply"
                raise NotFound(f"which project of {self.path}? {hint}")
            name = names[0]
        with self.storage.reading() as views:
            project = views.project_by_name(name)
        if project is None:
            raise NotFound(f"there is no project {name!r} in {self.path}{did_you_mean(name, names)}")
        return ProjectHandle(self, project.id)

    def apply(self, file: str | Path | None = None, *, dry_run: bool = False, over_newer: bool = False) -> ApplyReport:
        """Put a project.yaml in force: the project is made, or gets a new version where something changed.

        over_newer: also where the page has put a version in force that this file knows nothing of.
        Raises: Conflict, when there is such a version.
        """
        from labelwright.services.projects.manage_project import apply_config
        from labelwright.settings import PROJECT_FILE, read_project_file

        path = Path(file) if file is not None else self.path / PROJECT_FILE
        read = read_project_file(path, check=bootstrap.check_models)
        report = apply_config(read.name, read.config, storage=self.storage, world=self.world, dry_run=True)
        if report.project is not None and report.changes:
            stale = self._newer_than(path, report.project)
            if stale and dry_run:
                return replace(report, warnings=(stale, *report.warnings))
            if stale and not over_newer:
                raise Conflict("\n".join([stale, "what applying this file would change:", *_said(report)]))
        if dry_run:
            return report
        expected = None if report.is_new else report.version - bool(report.changes)
        return apply_config(read.name, read.config, storage=self.storage, world=self.world, expected=expected)

    def _newer_than(self, path: Path, project: ProjectId) -> str | None:
        """Say which versions a project.yaml knows nothing of; None when it is up to date."""
        from labelwright.services.projects.versions import newer_than_file, version_in_file

        with self.storage.reading() as views:
            newer = newer_than_file(views, project, version_in_file(path.read_text("utf-8")))
        if not newer:
            return None
        last = newer[-1]
        return (
            f"{path.name} is older than what is in force: version {last.version} came from the page at {last.at}, and "
            "this file knows nothing of it. To go on from what is in force: labelwright config export; to put this "
            "file in its place nevertheless: labelwright apply --over-newer"
        )

    def verify(self, *, head: Head | None = None) -> Head:
        """Check the hash chain, and that it still holds `head`. Raises LedgerBroken at the first broken position."""
        return self.storage.verify(head)


def _said(report: ApplyReport) -> list[str]:
    from labelwright.services.projects.change_words import change_lines

    return change_lines(report.changes)


class ProjectHandle(LabellingVerbs, ConfiguringVerbs, AuditVerbs, MoneyVerbs, SoundnessVerbs, MistakeVerbs):
    """One project's verbs. Each is idempotent and resumable: run again after a crash, it does what is still due."""

    def run(
        self,
        *,
        progress: Callable[[int, int], None] | None = None,
        watch: Callable[[JobCounts], None] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> CycleReport:
        """Do whatever is due, stage by stage, until people must act. For the arguments see `prelabel`."""
        from labelwright.services.projects.cycle import run_cycle

        verbs: dict[Stage, Callable[[], object]] = {"route": self.route, "aggregate": self.aggregate}
        if self.config.config.models:
            verbs["prelabel"] = lambda: self.prelabel(progress=progress, watch=watch, tell=tell)
            verbs["calibrate"] = self.calibrate
            if self.config.config.confidence == "combined":
                verbs["combine"] = self.combine
        return run_cycle(verbs)
