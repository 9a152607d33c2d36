"""The schema and guideline editor: what is written is read here; what it touches is counted in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, ProjectConfig
from labelwright.errors import InvalidConfiguration, InvalidValue, LabelwrightError
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.prompting.flows.registry import check_flow
from labelwright.server.child import Child, main
from labelwright.server.deps import Place
from labelwright.services.projects.from_the_page import check_from_page
from labelwright.services.projects.shown_project import shown_project
from labelwright.services.projects.versions import compared
from labelwright.settings.project_file import PROJECT_FILE, read_project

DEADLINE_SECONDS = 60


def check(project: Project, yaml: str, guideline: str) -> dict[str, Json]:
    """Read a project.yaml that is being written: what is wrong with it and where, or what it would show and change."""
    try:
        config = read(project, yaml, guideline)
    except InvalidConfiguration as error:
        text = f"{error.problem}{error.hint}"
        return {"problem": {"line": error.line, "text": text[:1].upper() + text[1:]}, "project": None, "changes": []}
    shown = compared(project.config, config)
    changes = [*(["guideline: changed"] if shown["guideline"] else []), *_list(shown["changes"])]
    return {"problem": None, "project": shown_project(replace(project, config=config)), "changes": changes}


def read(project: Project, yaml: str, guideline: str) -> ProjectConfig:
    """Read what was written on the page.  Raises: InvalidConfiguration, with the line."""

    def may_be(config: ProjectConfig) -> None:
        check_flow(config)
        check_from_page(project.config, config)

    file = Path(PROJECT_FILE)
    try:
        content = yaml.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidConfiguration(file, "holds half a character (a lone surrogate)", hint="; remove it") from None
    found = read_project(content, file, guideline=guideline, check=may_be)
    if found.name != project.name:
        problem = f"name: this project is called {project.name!r}, and stays so"
        raise InvalidConfiguration(file, problem, line=_line_of_name(yaml), hint="; write it back")
    return found.config


def _line_of_name(yaml: str) -> int:
    lines = yaml.splitlines()
    return next((at for at, line in enumerate(lines, 1) if line.startswith("name")), 1)


def _list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else []


async def ask(here: Place, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Preview or apply a configuration, or look for items; give the answer.  Raises what the service raised."""
    folder = here.settings.workspace
    return await _CHILD.ask(here, {**asked, "workspace": None if folder is None else str(folder)})


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:
    """Do what is asked.  The services are imported here, never by the server's own modules."""
    examples = import_module("labelwright.services.models.example_items")
    with storage.reading() as views:
        current = views.project(project)
        assert current is not None  # noqa: S101 - the guard let its people in
        if asked["verb"] == "items":
            told = {name: asked[name] for name in ("search", "label", "limit")}
            return {"items": examples.found_items(views, current, **told)}
    if asked["verb"] in {"labels", "labels-undo"}:
        return _labels(asked, project, storage, world)
    config = _checked(current, asked, storage)
    manage = import_module("labelwright.services.projects.manage_project")
    dry_run = asked["verb"] == "preview"
    with storage.reading() as views:
        touches = _touches(views, current, config) if dry_run else {}
    done = manage.apply_config(
        current.name, config, storage=storage, world=world, dry_run=dry_run, expected=asked["expected"]
    )
    report: dict[str, Any] = {name: asdict(done)[name] for name in ("applied", "version", "warnings")}
    if dry_run:
        report |= touches | {"cost": _cost(asked, current, config, storage, world) if touches["answers"] else None}
        report["changes"] = compared(current.config, config)["changes"]
    return report


def _labels(asked: Mapping[str, Any], project: ProjectId, storage: Storage, world: World) -> dict[str, Any]:
    services = import_module("labelwright.services.projects.label_changes")
    words = import_module("labelwright.services.projects.label_words")
    how = {"storage": storage, "world": world, "dry_run": asked["dry_run"], "expected": asked["expected"]}
    if asked["verb"] == "labels-undo":
        report = services.undo_labels(project, **how)
    else:
        told = (asked["kind"], asked["old"], asked["new"])
        report = services.change_labels(project, *told, question=asked["question"], among=asked["among"], **how)
    return {**asdict(report), "lines": words.label_change_lines(report)}


def _checked(current: Project, asked: Mapping[str, Any], storage: Storage) -> ProjectConfig:
    bootstrap = import_module("labelwright.bootstrap")
    try:
        config = read(current, asked["yaml"], asked["guideline"])
    except InvalidConfiguration as error:
        raise InvalidValue(f"line {error.line}" if error.line else "", error.problem, error.hint) from None
    bootstrap.check_models(config)
    with storage.reading() as views:
        new = config.examples.items if config.examples != current.config.examples else ()
        import_module("labelwright.services.models.example_items").check_examples(views, current, new)
    return config


def _touches(views: Views, current: Project, config: ProjectConfig) -> dict[str, Any]:
    """Count what a change touches.  labels: of people, under other questions.  waiting: entries of the queue."""
    manage = import_module("labelwright.services.projects.manage_project")
    asks_else = config.schema.questions != current.config.schema.questions
    return {
        "labels": views.label_count(current.id) if asks_else else 0,
        "waiting": sum(one.open + one.leased for one in views.queue_counts(current.id)),
        "certificates": manage.certificates_voided(views, current, config),
        "answers": manage.answers_due_again(views, current, config),
    }


def _cost(
    asked: Mapping[str, Any], current: Project, config: ProjectConfig, storage: Storage, world: World
) -> float | None:
    """Foresee in USD what asking again costs; None = not known."""
    if asked["workspace"] is None:
        return None
    bootstrap = import_module("labelwright.bootstrap")
    would_be = replace(current, config=config)
    try:
        foreseen = bootstrap.foresee(would_be, Path(asked["workspace"]), storage=storage, world=world)
    except LabelwrightError:
        return None
    return None if foreseen.cost_micro is None else foreseen.cost_micro / 1_000_000


_CHILD = Child(
    "labelwright.server.configuration",
    act,
    seconds=DEADLINE_SECONDS,
    late="that takes too long for the page; in a terminal: labelwright apply --dry-run",
    failed="that did not work; see what the command says: labelwright apply --dry-run",
)

if __name__ == "__main__":
    main(sys.argv[1:], act)
