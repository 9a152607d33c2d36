"""Verbs that bring labels in: items, models, people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from labelwright import bootstrap
from labelwright.workspace.handle import Handle

if TYPE_CHECKING:
    from labelwright.domain.annotator import AnnotatorKind, Role
    from labelwright.ports.jobs import JobCounts, RunControl
    from labelwright.ports.storage import Transaction
    from labelwright.services.comparing.evaluate import EvaluationReport
    from labelwright.services.comparing.evaluate_forecast import EvaluationForecast
    from labelwright.services.comparing.evaluate_variants import Comparing
    from labelwright.services.comparing.judge_cases import What
    from labelwright.services.comparing.judge_forecast import JudgeForecast
    from labelwright.services.comparing.judge_report import JudgeReport
    from labelwright.services.models.bring_answers import BroughtReport
    from labelwright.services.models.combine import CombineReport
    from labelwright.services.models.foresee import Forecast, ShownPrompt
    from labelwright.services.models.prelabel import PrelabelReport
    from labelwright.services.models.prompt_diff import PromptDiff
    from labelwright.services.people.manage_people import Invite
    from labelwright.services.projects.import_items import ImportReport


class LabellingVerbs(Handle):
    """From raw items to votes."""

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

    def bring_coco_results(
        self,
        file: str | Path,
        of: str | Path,
        *,
        model: str | None = None,
        question: str | None = None,
        least: float = 0.5,
        dry_run: bool = False,
    ) -> BroughtReport:
        """Record a detector's results (COCO's JSON) as a model's answers.

        of: COCO's JSON with the images and categories that the results speak of.  model: whose they are; None = the
        first of project.yaml.  least: regions with a lower score are left out.
        """
        return bootstrap.bring_coco_results(
            self.config,
            Path(file),
            Path(of),
            storage=self.workspace.storage,
            world=self.workspace.world,
            model=model,
            question=question,
            least=least,
            dry_run=dry_run,
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
        from labelwright.services.models.prompt_diff import prompt_diff
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

    def invite(self, name: str, *, role: Role = "annotator", kind: AnnotatorKind = "human", uses: int = 1) -> Invite:
        """Make a one-time way in for a person."""
        from labelwright.services.people.manage_people import invite

        project = self.config

        def work(tx: Transaction) -> Invite:
            return invite(tx, project, name=name, world=self.workspace.world, role=role, kind=kind, uses=uses)

        return self.workspace.storage.write(work)
