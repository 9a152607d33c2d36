"""The one place where ports meet adapters."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import labelwright
from labelwright.adapters.storage import open_storage
from labelwright.bootstrap.models import surroundings
from labelwright.domain.ids import ProjectId
from labelwright.errors import WorkspaceMissing
from labelwright.ports.world import World

if TYPE_CHECKING:
    from labelwright.adapters.formats.croissant import Publication
    from labelwright.adapters.formats.yolo import Classes
    from labelwright.adapters.jobs import StoredControl
    from labelwright.domain.project import Project, ProjectConfig
    from labelwright.ports.jobs import JobCounts, RunControl
    from labelwright.ports.sinks import ExportedFile
    from labelwright.ports.storage import Storage
    from labelwright.services.card.card_check import CardCheck
    from labelwright.services.comparing.evaluate import EvaluationReport, Plan
    from labelwright.services.comparing.evaluate_forecast import EvaluationForecast
    from labelwright.services.comparing.evaluate_variants import Comparing
    from labelwright.services.comparing.judge_cases import What
    from labelwright.services.comparing.judge_forecast import JudgeForecast
    from labelwright.services.comparing.judge_report import JudgeReport
    from labelwright.services.models.bring_answers import BroughtReport
    from labelwright.services.models.combine import CombineReport
    from labelwright.services.models.foresee import Forecast, ShownPrompt
    from labelwright.services.models.prelabel import PrelabelReport
    from labelwright.services.models.surroundings import Surroundings
    from labelwright.services.projects.export import ExportReport
    from labelwright.services.projects.import_items import ImportReport

DATABASE = "labelwright.db"


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
    from labelwright.services.projects.import_items import import_items as import_rows
    from labelwright.services.projects.item_rows import FieldMapping

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


def bring_coco_results(
    project: Project,
    file: Path,
    of: Path,
    *,
    storage: Storage,
    world: World,
    model: str | None = None,
    question: str | None = None,
    least: float = 0.5,
    dry_run: bool = False,
) -> BroughtReport:
    """Record a detector's results as a model's answers.  Raises: InvalidInput, with the entry; nothing is recorded."""
    from labelwright.adapters.formats.coco_results import asked_about_images, read_coco_results
    from labelwright.errors import InvalidInput
    from labelwright.services.models.bring_answers import BroughtAnswer, bring_answers

    config = project.config
    name = model or (config.models[0].model if config.models else None)
    if name is None:
        raise InvalidInput("project.yaml names no model; say whose answers these are: --model NAME")
    asked = asked_about_images(config.schema.questions, question)
    read = read_coco_results(file, of, asked, least=least)
    return bring_answers(
        project.id,
        [BroughtAnswer(one.item, one.value, one.confidence, {"left out": one.n_left_out}) for one in read.answers],
        question=asked.name,
        model=name,
        confidence_kind="detector score",
        source={"file": read.name, "sha256": read.sha256},
        storage=storage,
        world=world,
        dry_run=dry_run,
    )


def check_models(config: ProjectConfig) -> None:
    """Check that models, flow and privacy go together: before anything is put in force. Raises InvalidValue."""
    from labelwright.prompting.flows.registry import check_flow

    check_flow(config)
    if config.models:
        from labelwright.adapters.batch.registry import batch_of
        from labelwright.adapters.chat.outbound_guard import OutboundGuard
        from labelwright.adapters.chat.registry import check_models as check
        from labelwright.errors import InvalidValue
        from labelwright.prompting.privacy.protect import may_leave

        check(config)
        if not may_leave(config.content_fields, config.privacy):
            raise InvalidValue(
                "privacy.never_leaves", "no field is left to show a model", "; name fewer, or leave models: out"
            )
        guard = OutboundGuard(config.privacy)
        for place, source in enumerate(config.models):
            try:
                guard.check(source.base_url)
                if source.delivery == "batch":
                    batch_of(source.provider)
            except InvalidValue as problem:
                raise InvalidValue(f"models[{place}].{problem.path}", problem.problem, problem.hint) from None


def prelabel(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    control: RunControl | None = None,
    watch: Callable[[JobCounts], None] | None = None,
    tell: Callable[[str], None] | None = None,
) -> PrelabelReport:
    """Have the project's models label what is due; Ctrl-C lets the calls in flight finish and be kept.

    control: the job this run belongs to; without one it is a job of its own, which others may watch, pause and cancel.
    watch: told every second how far the run is.  tell: takes lines for people about what takes hours.
    """
    from contextlib import ExitStack

    from labelwright.adapters.execution.signals import draining_on_signals
    from labelwright.adapters.jobs import open_job
    from labelwright.services.models.prelabel import prelabel as label

    check_models(project.config)  # it may have been put in force from Python, or by an earlier version
    with ExitStack() as stack:
        stop = stack.enter_context(draining_on_signals(threading.Event()))
        job = None
        if control is None:
            job = open_job(storage, project.id, "prelabel", job=world.new_id(), now=world.now, limit=limit)
            control = stack.enter_context(job)
        around = surroundings(project, folder, storage=storage, world=world, stop=stop, control=control, tell=tell)
        report = label(project, around, limit=limit, progress=progress, watch=watch)
        if job is not None:
            end_job(job, report)
        return report


def end_job(job: StoredControl, report: PrelabelReport) -> None:
    """Have a job say how its run ended: what is missing is told even where the run went through."""
    if report.stopped:
        job.stopped()
    else:
        job.ends("failed" if report.gave_nothing else "done", report.shortfall)


def foresee(
    project: Project, folder: Path, *, storage: Storage, world: World, limit: int | None = None, item: str | None = None
) -> Forecast:
    """Say what pre-labelling would ask, show and cost. Nothing is sent."""
    from labelwright.services.models.foresee import foresee as look

    check_models(project.config)
    around = surroundings(project, folder, storage=storage, world=world, stop=threading.Event())
    return look(project, around, limit=limit, item=item)


def show_prompt(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    item: str | None = None,
    model: str | None = None,
) -> ShownPrompt:
    """Give one item as it would be put to a model."""
    from labelwright.services.models.foresee import show_prompt as look

    check_models(project.config)
    around = surroundings(project, folder, storage=storage, world=world, stop=threading.Event())
    return look(project, around, item=item, model=model)


def evaluate(
    project: Project,
    folder: Path,
    gold: Path | None,
    comparing: Comparing,
    *,
    storage: Storage,
    world: World,
    progress: Callable[[int, int], None] | None = None,
) -> EvaluationReport:
    """Compare ways of labelling on gold; Ctrl-C lets the calls in flight finish and be kept."""
    from labelwright.adapters.embedders.registry import embedder_of
    from labelwright.adapters.execution.signals import draining_on_signals
    from labelwright.services.comparing.evaluate import evaluate as compare

    with draining_on_signals(threading.Event()) as stop:
        around = surroundings(project, folder, storage=storage, world=world, stop=stop)
        plan = _evaluation(project, gold, comparing, around)
        return compare(project, plan, around, embedder=embedder_of, progress=progress)


def foresee_evaluation(
    project: Project, folder: Path, gold: Path | None, comparing: Comparing, *, storage: Storage, world: World
) -> EvaluationForecast:
    """Say what a comparison would ask and cost. Nothing is sent."""
    from labelwright.adapters.embedders.registry import embedder_of
    from labelwright.services.comparing.evaluate_forecast import foresee_evaluation as look

    around = surroundings(project, folder, storage=storage, world=world, stop=threading.Event())
    return look(project, _evaluation(project, gold, comparing, around), around, embedder=embedder_of)


def _evaluation(project: Project, gold: Path | None, comparing: Comparing, around: Surroundings) -> Plan:
    """Read the files a comparison names, and check every variant before anything is sent."""
    from labelwright.adapters.embedders.registry import embedder_of
    from labelwright.adapters.formats.gold_file import read_gold
    from labelwright.services.comparing.evaluate import plan_evaluation
    from labelwright.services.comparing.evaluate_gold import StatedGold
    from labelwright.services.comparing.evaluate_variants import Wishes
    from labelwright.settings import read_project_file

    prompts: list[tuple[str, ProjectConfig]] = []
    for file in map(Path, comparing.get("prompts", ())):
        taken = {name for name, _ in prompts}
        prompts.append((str(file) if file.stem in taken else file.stem, read_project_file(file).config))
    wishes = Wishes(
        models=tuple(comparing.get("models", ())),
        flows=tuple(comparing.get("flows", ())),
        prompts=tuple(prompts),
        examples=tuple(comparing.get("examples", ())),
        k=tuple(comparing.get("k", ())),
        embedders=tuple(comparing.get("embedders", ())),
        limit=comparing.get("limit"),
        spends_calibration=comparing.get("spends_calibration", False),
        baseline=comparing.get("baseline"),
    )
    stated = None
    if gold is not None:
        read = read_gold(gold, project.config.schema.questions)
        stated = StatedGold(read.name, read.sha256, read.values)
    plan = plan_evaluation(project, wishes, around, stated, embedder=embedder_of)
    for variant in plan.variants:
        check_models(replace(variant.project.config, models=(variant.source,), ensemble="first"))
    return plan


def judge(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    what: What,
    model: str | None = None,
    limit: int | None = None,
    ids: Sequence[str] | None = None,
    gold: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> JudgeReport:
    """Have a model review labels; Ctrl-C lets the calls in flight finish and be kept."""
    from labelwright.adapters.execution.signals import draining_on_signals
    from labelwright.adapters.formats.gold_file import read_gold
    from labelwright.services.comparing.judge import judge as review

    check_models(project.config)
    known = None if gold is None else read_gold(gold, project.config.schema.questions).values
    with draining_on_signals(threading.Event()) as stop:
        around = surroundings(project, folder, storage=storage, world=world, stop=stop)
        return review(project, around, what=what, model=model, limit=limit, ids=ids, gold=known, progress=progress)


def foresee_judging(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    what: What,
    model: str | None = None,
    limit: int | None = None,
    ids: Sequence[str] | None = None,
) -> JudgeForecast:
    """Say what judging would ask and cost. Nothing is sent."""
    from labelwright.services.comparing.judge_forecast import foresee_judging as look

    check_models(project.config)
    around = surroundings(project, folder, storage=storage, world=world, stop=threading.Event())
    return look(project, around, what=what, model=model, limit=limit, ids=ids)


def combine(project: ProjectId, *, storage: Storage, world: World, refit: bool = False) -> CombineReport:
    """Learn how to combine models and signals, and record what they say together."""
    from labelwright.adapters.embedders import HashedEmbedder
    from labelwright.adapters.students.hashed_logistic import HashedLogistic
    from labelwright.services.models.combine import combine as learn

    return learn(
        project, storage=storage, world=world, embedder=HashedEmbedder(), student=HashedLogistic(), refit=refit
    )


def export(
    project: ProjectId,
    destination: Path,
    *,
    storage: Storage,
    world: World,
    formats: Sequence[str] = ("jsonl", "csv"),
    guard_formulas: bool = False,
    weights: bool = False,
    about: Publication | None = None,
    media: Path | None = None,
) -> ExportReport:
    """Write the labelled data set into a folder.  media: where the paths in items are files."""
    from labelwright.adapters.formats.export_folder import ExportFolder
    from labelwright.services.projects.export import export as write

    classes = _classes(project, storage) if "yolo" in formats else ()
    sink = ExportFolder(
        destination, formats=formats, guard_formulas=guard_formulas, about=about, media=media, classes=classes
    )
    return write(project, sink, storage=storage, world=world, weights=weights)


def _classes(project: ProjectId, storage: Storage) -> tuple[Classes, ...]:
    """Give what questions about images ask for; it loads every type of task."""
    from labelwright.adapters.formats.yolo_labels import classes_of
    from labelwright.services.projects.project_of import project_of

    with storage.reading() as views:
        return classes_of(project_of(views, project).config.schema.questions)


def write_card(
    project: ProjectId,
    folder: Path,
    *,
    storage: Storage,
    formats: Sequence[str] | None = None,
    about: Publication | None = None,
) -> dict[str, ExportedFile]:
    """Write the data-set card into a folder, beside what was exported there."""
    from labelwright.adapters.formats.card_folder import write_card as write
    from labelwright.services.card.card import build_card

    with storage.reading() as views:
        return write(lambda files: build_card(views, project, files=files), folder, formats=formats, about=about)


def check_card(folder: Path, *, storage: Storage | None = None, project: ProjectId | None = None) -> CardCheck:
    """Hold a folder against its own hashes and, with a workspace, against the ledger."""
    from labelwright.adapters.formats.card_folder import read_card_folder
    from labelwright.services.card.card_check import check_card as check

    found = read_card_folder(folder)
    if storage is None:
        checked = check(found.card, found.changed, views=None, project=None)
    else:
        with storage.reading() as views:
            checked = check(found.card, found.changed, views=views, project=project)
    return replace(checked, unnamed_files=found.unnamed)
