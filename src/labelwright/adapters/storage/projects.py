"""Projects, their configurations, and the people in them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.projection_tables import annotator_tally, configuration, project
from labelwright.adapters.storage.statement import Statement, given, upsert
from labelwright.adapters.storage.tables import annotator, ledger
from labelwright.domain.annotator import Annotator
from labelwright.domain.ids import AnnotatorId, ProjectId
from labelwright.domain.project import Guideline, LabelSchema, Policy, Project, ProjectConfig
from labelwright.errors import AlreadyExists
from labelwright.events import AnnotatorAdded, ProjectCreated
from labelwright.history.configuration import config_from_json
from labelwright.ports.project_reads import ConfigVersion

_NEWEST = select(func.max(configuration.c.position)).where(configuration.c.project == project.c.id).scalar_subquery()
_PROJECTS = select(project.c.id, project.c.name, project.c.created_at, ledger.c.hash, ledger.c.position).select_from(
    project.outerjoin(ledger, ledger.c.position == _NEWEST)
)

PROJECTS = Statement(_PROJECTS.order_by(project.c.name))
PROJECT_BY_ID = Statement(_PROJECTS.where(project.c.id == bindparam("project")))
PROJECT_BY_NAME = Statement(_PROJECTS.where(project.c.name == bindparam("name")))
CONFIGURATION_AT = Statement(
    select(ledger.c.hash, ledger.c.position)
    .join_from(configuration, ledger, ledger.c.position == configuration.c.position)
    .where(configuration.c.project == bindparam("project"), configuration.c.version == bindparam("version"))
)
VERSIONS = Statement(
    select(configuration.c.version, ledger.c.position, ledger.c.provenance)
    .join_from(configuration, ledger, ledger.c.position == configuration.c.position)
    .where(configuration.c.project == bindparam("project"))
    .order_by(configuration.c.version)
)
BODY_AT = Statement(select(ledger.c.body).where(ledger.c.position == bindparam("position")))
ADD_PROJECT = Statement(insert(project).values(given(project, "id", "name", "created_at")))
ADD_CONFIGURATION = Statement(
    upsert(configuration, ("project", "version", "position"), keys=("project", "version"), update=("position",))
)
ANNOTATORS = Statement(
    select(annotator.c.id, annotator.c.name, annotator.c.kind, annotator.c.role)
    .where(annotator.c.project == bindparam("project"))
    .order_by(annotator.c.position)
)
ANNOTATOR = Statement(
    select(annotator.c.id, annotator.c.name, annotator.c.kind, annotator.c.role).where(
        annotator.c.project == bindparam("project"), annotator.c.id == bindparam("id")
    )
)
ADD_ANNOTATOR = Statement(
    insert(annotator).values(given(annotator, "project", "id", "name", "kind", "role", "position"))
)
ADD_TALLY = Statement(
    upsert(annotator_tally, ("project", "annotator", "labels", "submissions"), keys=("project", "annotator"))
)


def projects(db: Database) -> list[Project]:
    """Give all projects, by name."""
    return [_project(db, row) for row in db.run(PROJECTS).fetchall()]


def project_by_id(db: Database, project: ProjectId) -> Project | None:
    """Give the project of that id."""
    row = db.one(PROJECT_BY_ID, {"project": project})
    return None if row is None else _project(db, row)


def project_by_name(db: Database, name: str) -> Project | None:
    """Give the project of that name."""
    row = db.one(PROJECT_BY_NAME, {"name": name})
    return None if row is None else _project(db, row)


def config(db: Database, project: ProjectId, version: int) -> ProjectConfig | None:
    """Give one version of a project's configuration."""
    row = db.one(CONFIGURATION_AT, {"project": project, "version": version})
    return None if row is None else _config(db, row[0], row[1])


def config_versions(db: Database, project: ProjectId) -> list[ConfigVersion]:
    """Give when each version came, and through whom."""
    rows = [(row[0], row[1], json.loads(row[2])) for row in db.run(VERSIONS, {"project": project})]
    return [ConfigVersion(number, place, by["at"], by["actor"], by["via"]) for number, place, by in rows]


def annotators(db: Database, project: ProjectId) -> list[Annotator]:
    """Give a project's people and machines, in the order they came."""
    return [Annotator(*row) for row in db.run(ANNOTATORS, {"project": project})]


def annotator_by_id(db: Database, project: str, annotator_id: str) -> Annotator | None:
    """Give one of a project's people."""
    row = db.one(ANNOTATOR, {"project": project, "id": annotator_id})
    return None if row is None else Annotator(AnnotatorId(row[0]), *row[1:])


def _project(db: Database, row: tuple[Any, ...]) -> Project:
    id, name, created_at, hash, position = row
    if hash is None or position is None:
        return Project(ProjectId(id), name, _UNCONFIGURED, created_at)
    return Project(ProjectId(id), name, _config(db, hash, position), created_at)


_UNCONFIGURED = ProjectConfig(LabelSchema(0, ()), Guideline(0, ""), Policy(), (), version=0)


def _config(db: Database, hash: str, position: int) -> ProjectConfig:
    # The hash of the ledger's row names a configuration for ever: what is cached under it cannot go stale.
    known = db.configurations.get(hash)
    if known is None:
        known = config_from_json(json.loads(db.value(BODY_AT, {"position": position}))["config"])
        db.configurations[hash] = known
    return known


# ---------------------------------------------------------------- what events write


def check_created(db: Database, event: ProjectCreated, _row: Row) -> None:
    """Refuse a name that is taken."""
    if db.one(PROJECT_BY_NAME, {"name": event.name}) is not None:
        raise AlreadyExists(f"there is already a project {event.name!r}; choose another name")


def project_created(db: Database, row: Row, body: Body) -> None:
    """Show the project."""
    at = json.loads(row.provenance)["at"]
    db.run(ADD_PROJECT, {"id": body["project"], "name": body["name"], "created_at": at})


def project_configured(db: Database, row: Row, body: Body) -> None:
    """Show the version; the newest is in force."""
    db.run(ADD_CONFIGURATION, {"project": body["project"], "version": body["version"], "position": row.position})


def record_annotator(db: Database, event: AnnotatorAdded, row: Row) -> None:
    """Keep the person's name, which the ledger does not."""
    who = event.annotator
    if annotator_by_id(db, event.project, who.id) is not None:
        raise AlreadyExists(f"annotator {who.id!r} is already in this project")
    values = {"id": who.id, "name": who.name, "kind": who.kind, "role": who.role}
    db.run(ADD_ANNOTATOR, {**values, "project": event.project, "position": row.position})


def annotator_added(db: Database, _row: Row, body: Body) -> None:
    """Begin to count the person's answers."""
    db.run(ADD_TALLY, {"project": body["project"], "annotator": body["annotator"], "labels": 0, "submissions": 0})
