"""The verbs in Python: what commands, server and notebooks call.

>>> import tempfile, labelwright
>>> from labelwright.workspace import Workspace
>>> with Workspace.create(tempfile.mkdtemp()) as workspace:
...     workspace.projects()
[]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from labelwright import bootstrap
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import NotFound, did_you_mean
from labelwright.ports.world import World

if TYPE_CHECKING:
    from labelwright.domain.annotator import AnnotatorKind, Role
    from labelwright.ports.jobs import JobCounts, RunControl
    from labelwright.ports.storage import Head, Storage, Transaction, Views
    from labelwright.services.aggregate import AggregateReport
    from labelwright.services.calibrate import CalibrationReport
    from labelwright.services.combine import CombineReport
    from labelwright.services.cycle import CycleReport, Stage
    from labelwright.services.evaluate import EvaluationReport
    from labelwright.services.evaluate_forecast import EvaluationForecast
    from labelwright.services.evaluate_variants import Comparing
    from labelwright.services.export import ExportReport
    from labelwright.services.foresee import Forecast, ShownPrompt
    from labelwright.services.import_items import ImportReport
    from labelwright.services.judge_cases import What
    from labelwright.services.judge_forecast import JudgeForecast
    from labelwright.services.judge_report import JudgeReport
    from labelwright.services.manage_people import Invite
    from labelwright.services.manage_project import ApplyReport
    from labelwright.services.prelabel import PrelabelReport
    from labelwright.services.prompt_diff import PromptDiff
    from labelwright.services.route import RouteReport
    from labelwright.services.status import StatusReport

T = TypeVar("T")


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

    def apply(self, file: str | Path | None = None, *, dry_run: bool = False) -> ApplyReport:
        """Put a project.yaml in force: the project is made, or gets a new version where something changed."""
        from labelwright.services.manage_project import apply_config
        from labelwright.settings import PROJECT_FILE, read_project_file

        path = Path(file) if file is not None else self.path / PROJECT_FILE
        read = read_project_file(path, check=bootstrap.check_models)
        return apply_config(read.name, read.config, storage=self.storage, world=self.world, dry_run=dry_run)

    def verify(self, *, head: Head | None = None) -> Head:
        """Check the hash chain, and that it still holds `head`. Raises LedgerBroken at the first broken position."""
        return self.storage.verify(head)


class ProjectHandle:
    """One project's verbs. Each is idempotent and resumable: run again after a crash, it does what is still due."""

    def __init__(self, workspace: Workspace, project: ProjectId) -> None:
        self.workspace, self.id = workspace, project

    @property
    def config(self) -> Project:
        """The project with its configuration in force."""
        from labelwright.services.project_of import project_of

        return self._read(lambda views: project_of(views, self.id))

    @property
    def name(self) -> str:
        """The project's name."""
        return self.config.name

    def import_items(
        self,
        rows: str | Path | Sequence[Mapping[str, Any]],
        *,
        fields: Mapping[str, str] | None = None,
        id_field: str | None = None,
        format: str | None = None,
        encoding: str = "utf-8",
        delimiter: str | None = None,
        rejected: Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportReport:
        """Bring in items from a JSONL or CSV file (`.gz` too), or from rows that Python holds already.

        fields: content field -> column.  id_field: the column of the item's id.  rejected: where refused rows are
        written, with line and reason.
        """
        return bootstrap.import_items(
            self.id,
            Path(rows) if isinstance(rows, str) else rows,
            storage=self.workspace.storage,
            world=self.workspace.world,
            fields=fields,
            id_field=id_field,
            format=format,
            encoding=encoding,
            delimiter=delimiter,
            rejected=rejected,
            progress=progress,
        )

    def prelabel(
        self,
        *,
        limit: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        control: RunControl | None = None,
        watch: Callable[[JobCounts], None] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> PrelabelReport:
        """Have the project's models label every item that is due.

        control: the job that this is done for; without one the run is a job of its own.  progress: told (done, due) as
        outcomes are recorded.  watch: told every second how far it is.  tell: takes lines about what takes hours.
        """
        return bootstrap.prelabel(
            self.config,
            self.workspace.path,
            storage=self.workspace.storage,
            world=self.workspace.world,
            limit=limit,
            progress=progress,
            control=control,
            watch=watch,
            tell=tell,
        )

    def foresee(self, *, limit: int | None = None, item: str | None = None) -> Forecast:
        """Say what `prelabel` would ask, show and cost. Nothing is sent.

        item: id of the one whose request is shown byte for byte; None = the first that is due.
        """
        here = self.workspace
        return bootstrap.foresee(self.config, here.path, storage=here.storage, world=here.world, limit=limit, item=item)

    def show_prompt(self, item: str | None = None, *, model: str | None = None) -> ShownPrompt:
        """Give one item as it would be put to a model, byte for byte."""
        here = self.workspace
        return bootstrap.show_prompt(
            self.config, here.path, storage=here.storage, world=here.world, item=item, model=model
        )

    def prompt_diff(
        self, *, old: int | None = None, new: int | None = None, file: str | Path | None = None
    ) -> PromptDiff:
        """Compare what two versions of the configuration ask models.

        old: version number; None = the one in force.  new: version number; None = `file`, which is the workspace's
        project.yaml if left out.
        """
        from labelwright.services.prompt_diff import prompt_diff
        from labelwright.settings import PROJECT_FILE, read_project_file

        candidate = None
        if new is None:
            path = Path(file) if file is not None else self.workspace.path / PROJECT_FILE
            candidate = read_project_file(path, check=bootstrap.check_models).config
        return self._read(lambda views: prompt_diff(views, self.id, old=old, new=new, candidate=candidate))

    def evaluate(
        self,
        gold: str | Path | None = None,
        *,
        progress: Callable[[int, int], None] | None = None,
        **comparing: Unpack[Comparing],
    ) -> EvaluationReport:
        """Compare models, prompts, flows and examples by gold; records figures, and no prediction.

        gold: a JSONL or CSV file of `id` and labels; None = what people said blind of random samples.
        """
        here, file = self.workspace, None if gold is None else Path(gold)
        return bootstrap.evaluate(
            self.config, here.path, file, comparing, storage=here.storage, world=here.world, progress=progress
        )

    def foresee_evaluation(self, gold: str | Path | None = None, **comparing: Unpack[Comparing]) -> EvaluationForecast:
        """Say what `evaluate` would ask and cost. Nothing is sent."""
        here, file = self.workspace, None if gold is None else Path(gold)
        return bootstrap.foresee_evaluation(
            self.config, here.path, file, comparing, storage=here.storage, world=here.world
        )

    def judge(
        self,
        what: What = "annotations",
        *,
        model: str | None = None,
        limit: int | None = None,
        ids: Sequence[str] | None = None,
        gold: str | Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> JudgeReport:
        """Have a model review people's labels by the guideline; no label changes, and no vote is cast.

        what: `annotations` of people; `predictions` of items that people have not seen; `pairs` of labels that compete,
        in both orders.  model: one of project.yaml; None = the first.  limit: so many items, drawn at random.
        gold: a file of right answers, by which the judge itself is measured.
        """
        here = self.workspace
        return bootstrap.judge(
            self.config,
            here.path,
            storage=here.storage,
            world=here.world,
            what=what,
            model=model,
            limit=limit,
            ids=ids,
            gold=None if gold is None else Path(gold),
            progress=progress,
        )

    def foresee_judging(
        self,
        what: What = "annotations",
        *,
        model: str | None = None,
        limit: int | None = None,
        ids: Sequence[str] | None = None,
    ) -> JudgeForecast:
        """Say what `judge` would ask and cost. Nothing is sent."""
        here = self.workspace
        return bootstrap.foresee_judging(
            self.config,
            here.path,
            storage=here.storage,
            world=here.world,
            what=what,
            model=model,
            limit=limit,
            ids=ids,
        )

    def combine(self, *, refit: bool = False) -> CombineReport:
        """Learn from people's blind labels how to combine models and signals, and record what they say together.

        For projects with `confidence: combined`.  refit: learn anew from all labels that do not certify.
        """
        return bootstrap.combine(self.id, storage=self.workspace.storage, world=self.workspace.world, refit=refit)

    def calibrate(self, *, count_missing_as_wrong: bool = False) -> CalibrationReport:
        """Plan the blind sample, or say how far it is, or issue the certificates: whatever is due."""
        from labelwright.services.calibrate import calibrate

        return calibrate(
            self.id,
            storage=self.workspace.storage,
            world=self.workspace.world,
            count_missing_as_wrong=count_missing_as_wrong,
        )

    def route(self) -> RouteReport:
        """Accept what the certificates cover, reserve the audit, queue the rest."""
        from labelwright.services.route import route

        return route(self.id, storage=self.workspace.storage, world=self.workspace.world)

    def invite(self, name: str, *, role: Role = "annotator", kind: AnnotatorKind = "human", uses: int = 1) -> Invite:
        """Make a one-time way in for a person."""
        from labelwright.services.manage_people import invite

        project = self.config

        def work(tx: Transaction) -> Invite:
            return invite(tx, project, name=name, world=self.workspace.world, role=role, kind=kind, uses=uses)

        return self.workspace.storage.write(work)

    def aggregate(self) -> AggregateReport:
        """Settle the label of record of every (item, question)."""
        from labelwright.services.aggregate import aggregate

        return aggregate(self.id, storage=self.workspace.storage, world=self.workspace.world)

    def report(self) -> dict[str, Json]:
        """Say what was done and how good the labels are."""
        from labelwright.services.report import build_report

        return self._read(lambda views: build_report(views, self.id))

    def report_html(self) -> str:
        """Draw the report as one HTML file that needs nothing else."""
        from labelwright.adapters.report.project_page import project_page

        return project_page(self.report(), at=self.workspace.world.timestamp())

    def export(
        self, destination: str | Path, *, formats: Sequence[str] = ("jsonl", "csv"), guard_formulas: bool = False
    ) -> ExportReport:
        """Write the labelled data set with its provenance and manifest into a folder.

        guard_formulas: disarm CSV cells that a spreadsheet would run.
        """
        return bootstrap.export(
            self.id,
            Path(destination),
            storage=self.workspace.storage,
            world=self.workspace.world,
            formats=formats,
            guard_formulas=guard_formulas,
        )

    def status(self) -> StatusReport:
        """Say where every item stands, and what is due next."""
        from labelwright.services.status import status

        return self._read(lambda views: status(views, self.id))

    def run(
        self,
        *,
        progress: Callable[[int, int], None] | None = None,
        watch: Callable[[JobCounts], None] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> CycleReport:
        """Do whatever is due, stage by stage, until people must act. For the arguments see `prelabel`."""
        from labelwright.services.cycle import run_cycle

        verbs: dict[Stage, Callable[[], object]] = {"route": self.route, "aggregate": self.aggregate}
        if self.config.config.models:
            verbs["prelabel"] = lambda: self.prelabel(progress=progress, watch=watch, tell=tell)
            verbs["calibrate"] = self.calibrate
            if self.config.config.confidence == "combined":
                verbs["combine"] = self.combine
        return run_cycle(verbs)

    def _read(self, look: Callable[[Views], T]) -> T:
        with self.workspace.storage.reading() as views:
            return look(views)
