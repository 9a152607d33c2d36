"""The whole loop, in order: import, prelabel, calibrate, route, review, aggregate, report, export, and the truth.

Everything goes through the public verbs and through HTTP, as in a real project; only the people are simulated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import orjson

from labelwright.adapters.formats.recorded_folder import RecordedFolder
from labelwright.adapters.report.project_page import project_page
from labelwright.demo.conclude import Spent, conclude
from labelwright.demo.people import AnswerBook
from labelwright.demo.prepare import (
    GUIDELINE_FILE,
    Cast,
    Settings,
    affordable_calibration,
    answer_book,
    choose,
    guideline_of,
    items_of,
    project_file,
    project_name,
)
from labelwright.demo.processes import Server, start
from labelwright.demo.result import DemoResult
from labelwright.demo.reviewers import Desk, Work, sign_in
from labelwright.demo.show import result_card
from labelwright.errors import NotReady
from labelwright.services.acceptance.calibrate import CalibrationReport
from labelwright.settings import PROJECT_FILE
from labelwright.workspace import ProjectHandle, Workspace

N_PEOPLE = 4
ITEMS_FILE = "items.jsonl"
REPORT_FILE = "report.html"
EXPORT_FOLDER = "export"

Progress: TypeAlias = Callable[[int, int], None]
ShowProgress: TypeAlias = Callable[[str], AbstractContextManager[Progress | None]]


@dataclass(frozen=True, slots=True)
class Teller:
    """How the story is told while it happens: lines, and progress with the time left."""

    line: Callable[[str], None]
    progress: ShowProgress


@dataclass(frozen=True, slots=True)
class Told:
    """A told story whose page is still served.  link: a way in that works once.  files: what was written."""

    result: DemoResult
    server: Server
    link: str
    files: Mapping[str, Path]


@contextmanager
def tell_story(
    folder: RecordedFolder, settings: Settings, *, workspace: Path, port: int, teller: Teller
) -> Generator[Told]:
    """Run the demonstration of one recorded folder in an empty workspace folder; its servers end with the context.

    port: where the page is served; 0 = any free one.
    """
    started = time.monotonic()
    roles = choose(folder, settings.model)
    book = answer_book(folder, settings)
    teller.line(f"{folder.name}: {len(folder.items):,} items, {len(folder.answers)} recorded variants")
    teller.line(f"  model        {roles.labels} ({roles.why()})")
    teller.line(f"  how sure     {roles.score()}")
    teller.line(f"  people       {people_in_words(book)}")
    with start(["replay", str(folder.path), "--port", "0"]) as replay, Workspace.create(workspace) as opened:
        project = _set_up(opened, folder, roles, book, settings, replay=replay.url)
        # The page is served from the start, beside everything else: a taken port is told before any work is done.
        with start(["serve", "--workspace", str(workspace), "--port", str(port), "--json"]) as server:
            n_recorded = len(folder.items)
            folder = _import(project, folder, teller)
            _prelabel(project, roles, teller)
            plan, desk = _calibrate(project, server, book, teller)
            spent = _review(project, desk, plan, settings.budget_human, teller)
            teller.line("aggregate: the label of record of every item and question")
            project.aggregate()
            spent = replace(spent, refused_items=n_recorded - len(folder.items))
            result = conclude(project, folder, roles, book, settings, spent=spent, people=people_in_words(book))
            files = _write(project, result)
            link = str(server.greeting["links"][project.name])
            yield Told(replace(result, seconds=time.monotonic() - started), server, link, files)


def people_in_words(book: AnswerBook) -> str:
    """Say who the simulated people are."""
    gold = f"the gold with {book.error:.0%} of answers made wrong"
    if book.source() == "gold":
        return f"simulated, from {gold}: no votes of people were recorded"
    how = "a consensus of three recorded votes" if book.votes_per_item() > 1 else "one recorded vote"
    return f"simulated, from recorded votes ({how} calibrates), else from {gold}"


def _set_up(
    opened: Workspace, folder: RecordedFolder, roles: Cast, book: AnswerBook, settings: Settings, *, replay: str
) -> ProjectHandle:
    votes = book.votes_per_item()
    size = affordable_calibration(folder, votes=votes, budget=settings.budget_human)
    base_url = f"{replay.rstrip('/').removesuffix('/v1')}/v1"
    text = project_file(folder, roles, settings, base_url=base_url, votes=votes, calibration_size=size)
    (opened.path / PROJECT_FILE).write_text(text, encoding="utf-8")
    (opened.path / GUIDELINE_FILE).write_text(guideline_of(folder), encoding="utf-8")
    opened.apply()
    return opened.project(project_name(folder))


def _import(project: ProjectHandle, folder: RecordedFolder, teller: Teller) -> RecordedFolder:
    """Import the items; give the folder with those that came in."""
    file = project.workspace.path / ITEMS_FILE
    file.write_bytes(b"".join(orjson.dumps(item) + b"\n" for item in items_of(folder)))
    with teller.progress("import") as progress:
        report = project.import_items(file, id_field="id", progress=progress)
    teller.line(f"import: {report.accepted:,} items")
    if not report.rejected:
        return folder
    for rejection in report.first_rejections[:1]:
        teller.line(f"  {report.rejected:,} refused, such as line {rejection.line}: {rejection.reason}")
    with project.workspace.storage.reading() as views:
        here = {str(item) for item in views.item_ids(project.id).values()}
    return replace(
        folder,
        items=tuple(item for item in folder.items if item["id"] in here),
        gold={item: labels for item, labels in folder.gold.items() if item in here},
    )


def _prelabel(project: ProjectHandle, roles: Cast, teller: Teller) -> None:
    started = time.monotonic()
    with teller.progress("prelabel") as progress:
        report = project.prelabel(progress=progress)
    if report.stopped:
        raise KeyboardInterrupt
    with project.workspace.storage.reading() as views:
        totals = views.call_totals(project.id)
    seconds = time.monotonic() - started
    teller.line(f"prelabel: {totals.calls:,} calls to {len(roles.models)} recorded variants in {seconds:.1f} s")


def _calibrate(
    project: ProjectHandle, server: Server, book: AnswerBook, teller: Teller
) -> tuple[CalibrationReport, Desk]:
    plan = project.calibrate()
    teller.line(
        f"calibrate: {plan.n_items:,} of {plan.n_pool:,} items, drawn at random, are labelled blind: "
        f"{plan.n_labels_wanted:,} answers; model, prompt, target and size are frozen"
    )
    invites = [project.invite(f"simulated person {n + 1}", kind="simulated").token for n in range(N_PEOPLE)]
    desk = sign_in(server.url, project.name, book, invites=invites)
    work = _shift(desk, "calibration", plan.n_labels_wanted, None, teller)
    report = project.calibrate(count_missing_as_wrong=work.n_skipped > 0)
    if report.state != "certified":
        raise NotReady(f"{report.n_labels:,} of {report.n_labels_wanted:,} calibration answers came in")
    for name, certificate in report.certificates.items():
        teller.line(f"  {name}: {certificate['verdict']}")
    return report, desk


def _review(project: ProjectHandle, desk: Desk, plan: CalibrationReport, stated: int | None, teller: Teller) -> Spent:
    report = project.route()
    routes = report.routes
    audit = sum(counts.get("audit", 0) for counts in routes.values())
    accepted = sum(counts.get("accept", 0) for counts in routes.values()) + audit
    review = sum(counts.get("review", 0) for counts in routes.values()) - sum(report.answered.values())
    budget = plan.n_labels + audit + -(-review // 3) if stated is None else stated
    teller.line(f"route: {accepted:,} labels accepted unseen, {audit:,} of them reserved for a blind audit")
    why = "calibration, audit and a third of the rest" if stated is None else "--budget-human"
    teller.line(f"review: {review:,} labels wait for people; the budget is {budget:,} answers ({why})")
    left = max(budget - plan.n_labels, 0)
    _shift(desk, "review", min(left, audit + review), left, teller)
    return Spent(budget=budget, calibration_items=plan.n_items)


def _shift(desk: Desk, label: str, wanted: int, most: int | None, teller: Teller) -> Work:
    with teller.progress(label) as progress:

        def tick(done: int) -> None:
            if progress is not None:
                progress(done, wanted)

        return desk.work(most_labels=most, tick=tick)


def _write(project: ProjectHandle, result: DemoResult) -> dict[str, Path]:
    folder = project.workspace.path
    project.export(folder / EXPORT_FOLDER)
    page = project_page(project.report(), at=project.workspace.world.timestamp(), extra=[result_card(result)])
    (folder / REPORT_FILE).write_text(page, encoding="utf-8")
    return {"report": folder / REPORT_FILE, "export": folder / EXPORT_FOLDER}
