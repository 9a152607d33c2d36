"""The versions of a project's configuration: when each came, through whom, what it changed, and two side by side."""

from __future__ import annotations

from collections.abc import Sequence

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, ProjectConfig
from labelwright.errors import NotFound
from labelwright.ports.project_reads import ConfigVersion
from labelwright.ports.storage import Views
from labelwright.services.projects.change_words import change_lines
from labelwright.services.projects.config_changes import Change, differences
from labelwright.settings.template import short_project_file_of
from labelwright.tasks.registry import bind, relabels

_NO_FILE = frozenset({"server", "api"})
"""Ways by which a version comes that leave project.yaml as it was."""
_MARK = "Written by `labelwright config export` from version "
_MOST_SHOWN = 6
"""Of one version's changes in the list; the diff shows all."""


def listed_versions(views: Views, project: Project) -> list[dict[str, Json]]:
    """List all versions, newest first, each with what it changed against the one before, in words."""
    names = {str(one.id): one.name for one in views.annotators(project.id)}
    listed: list[dict[str, Json]] = []
    before: ProjectConfig | None = None
    for one in views.config_versions(project.id):
        config = version_of(views, project, one.version)
        changed = () if before is None else differences(before, config)
        listed.append(
            {
                "version": one.version,
                "at": one.at,
                "by": names.get(one.actor, ""),
                "via": one.via,
                "schema_version": config.schema.version,
                "guideline_version": config.guideline.version,
                "in_force": one.version == project.config.version,
                "changed": _in_short(changed, is_first=before is None),
            }
        )
        before = config
    return listed[::-1]


def version_of(views: Views, project: Project, version: int) -> ProjectConfig:
    """Give one version.  Raises: NotFound, when there is none of that number."""
    found = views.config(project.id, version)
    if found is None:
        newest = project.config.version
        raise NotFound(f"there is no version {version} of {project.name!r}; it has versions 1 to {newest}")
    return found


def shown_version(views: Views, project: Project, version: int) -> dict[str, Json]:
    """Give one version as it would be written: project.yaml, and the guideline beside it."""
    config = version_of(views, project, version)
    return {
        "version": version,
        "yaml": short_project_file_of(project.name, config),
        "guideline": config.guideline.text,
        "in_force": version == project.config.version,
    }


def compared_versions(views: Views, project: Project, old: int, new: int) -> dict[str, Json]:
    """Put two versions side by side: every change in words, and the two guidelines for a diff word by word."""
    return compared(version_of(views, project, old), version_of(views, project, new))


def compared(before: ProjectConfig, after: ProjectConfig) -> dict[str, Json]:
    """Put two configurations side by side."""
    found = differences(before, after)
    changed_text = before.guideline.text != after.guideline.text
    return {
        "changes": [line.removeprefix("  ") for line in change_lines(_but_guideline(found))],
        "guideline": {"old": before.guideline.text, "new": after.guideline.text} if changed_text else None,
    }


def listed_label_changes(views: Views, project: Project) -> list[dict[str, Json]]:
    """List renames, merges and splits, newest first."""
    names = {str(one.id): one.name for one in views.annotators(project.id)}
    return [
        {
            "change": one.id,
            "kind": one.kind,
            "question": one.question,
            "among": one.among,
            "old": list(one.old),
            "new": list(one.new),
            "at": one.at,
            "by": names.get(one.actor, ""),
            "undone": one.undone is not None,
        }
        for one in reversed(views.label_changes(project.id))
    ]


def listed_labels(project: Project) -> list[dict[str, Json]]:
    """List the labels of every question that can be renamed, merged or split."""
    return [
        {
            "question": question.name,
            "title": question.title or question.name,
            "among": among,
            "labels": list(labels.names),
            "edits": list(labels.edits),
        }
        for question in project.config.schema.questions
        if (kind := relabels(bind(question).name)) is not None
        for among, labels in kind.label_lists(question.settings).items()
    ]


def newer_than_file(views: Views, project: ProjectId, written_from: int | None) -> list[ConfigVersion]:
    """Give the versions that a project.yaml knows nothing of: those of the page since the file was last put in force.

    written_from: the version that `labelwright config export` wrote into the file; None = it wrote none.
    """
    newer: list[ConfigVersion] = []
    renamed = _versions_of_label_changes(views, project)
    for one in views.config_versions(project):
        newer = [*newer, one] if one.via in _NO_FILE or one.version in renamed else []
    return [one for one in newer if written_from is None or one.version > written_from]


def _versions_of_label_changes(views: Views, project: ProjectId) -> set[int]:
    """Give the versions that came by renaming, merging or splitting labels, or by taking that back."""
    after = {one.position for one in views.label_changes(project)}
    after |= {one.undone for one in views.label_changes(project) if one.undone is not None}
    return {one.version for one in views.config_versions(project) if one.position - 1 in after}


def file_of_version(project: Project) -> str:
    """Write what is in force as project.yaml, with the version that it is."""
    return f"# {_MARK}{project.config.version}\n{short_project_file_of(project.name, project.config)}"


def version_in_file(content: str) -> int | None:
    """Give the version that `file_of_version` wrote into a file; None when there is none."""
    first = content.removeprefix("\ufeff").partition("\n")[0].removeprefix("# ")
    number = first.removeprefix(_MARK).strip()
    return int(number) if first.startswith(_MARK) and number.isdecimal() else None


def _but_guideline(found: Sequence[Change]) -> tuple[Change, ...]:
    return tuple(one for one in found if not one.path.startswith("guideline"))


def _in_short(found: Sequence[Change], *, is_first: bool) -> list[Json]:
    if is_first:
        return ["the project was made"]
    parts: list[Json] = [line.strip() for line in change_lines(_but_guideline(found)) if not line.startswith("    ")]
    if len(_but_guideline(found)) < len(found):
        parts.insert(0, "the guideline")
    more = len(parts) - _MOST_SHOWN
    return [*parts[:_MOST_SHOWN], f"and {more} more"] if more > 0 else parts
