"""What binds a card: where the ledger ended, and under what the labels came about."""

from __future__ import annotations

from typing import Any

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project, ProjectConfig
from labelwright.history.configuration import schema_hash
from labelwright.ports.storage import Views
from labelwright.services.projects.last_change import last_change

HOLDS = "each interval holds by itself at 95%; not all of them at once"


def binding_of(views: Views, project: Project) -> dict[str, Json]:
    """Give the hashes."""
    config, at = project.config, last_change(views)
    plan = views.plan(project.id)
    issued = views.certificates(project.id)
    current: dict[str, Any] = {} if plan is None else {n: c for n, c in issued.items() if c["plan"] == plan["plan"]}
    return {
        "ledger": {"position": at.position, "hash": at.hash},
        "config_version": config.version,
        "schema": schema_hash(config.schema),
        "guideline": config.guideline.hash,
        "prompt": _prompt_hash(config) if config.models else None,
        "models": [source.model for source in config.models],
        "plan": None if plan is None else plan["plan"],
        "certificates": {name: found["certificate"]["id"] for name, found in current.items()},
    }


def _prompt_hash(config: ProjectConfig) -> str:
    from labelwright.services.models.project_prompt import project_prompt  # noqa: PLC0415 - only where models answer

    return project_prompt(config).hash
