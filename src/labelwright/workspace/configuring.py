"""Verbs about what is in force: its versions, two side by side, and the files that say it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelwright.workspace.handle import Handle

if TYPE_CHECKING:
    from labelwright.domain.canonical import Json
    from labelwright.events.labels import LabelChangeKind
    from labelwright.services.projects.label_changes import LabelChangeReport


class ConfiguringVerbs(Handle):
    """What a project's configuration was, is, and says on disk."""

    def versions(self) -> list[dict[str, Json]]:
        """List all versions, newest first: when, by whom, what each changed."""
        from labelwright.services.projects.versions import listed_versions

        return self._read(lambda views: listed_versions(views, self.config))

    def version(self, number: int) -> dict[str, Json]:
        """Give one version as project.yaml and guideline.  Raises: NotFound."""
        from labelwright.services.projects.versions import shown_version

        return self._read(lambda views: shown_version(views, self.config, number))

    def version_diff(self, old: int, new: int) -> dict[str, Any]:
        """Say what differs between two versions, in lines.  Raises: NotFound."""
        from labelwright.services.projects.change_words import change_lines
        from labelwright.services.projects.config_changes import differences
        from labelwright.services.projects.versions import version_of

        current = self.config
        before, after = (
            self._read(lambda views, number=number: version_of(views, current, number)) for number in (old, new)
        )
        return {"old": old, "new": new, "lines": change_lines(differences(before, after))}

    def export_configuration(self, folder: str | Path | None = None) -> list[Path]:
        """Write what is in force as project.yaml and guideline.md; give the files.

        folder: None = the workspace's own.  `apply` then knows which version the file was written from.
        """
        from labelwright.services.projects.versions import file_of_version
        from labelwright.settings import PROJECT_FILE
        from labelwright.settings.template import GUIDELINE_FILE

        to = self.workspace.path if folder is None else Path(folder)
        to.mkdir(parents=True, exist_ok=True)
        project = self.config
        files = [to / PROJECT_FILE]
        files[0].write_text(file_of_version(project), "utf-8")
        if project.config.guideline.text:
            files.append(to / GUIDELINE_FILE)
            files[1].write_text(project.config.guideline.text, "utf-8")
        return files

    def change_labels(
        self,
        kind: LabelChangeKind,
        old: Sequence[str],
        new: Sequence[str],
        *,
        question: str | None = None,
        among: str | None = None,
        dry_run: bool = False,
    ) -> LabelChangeReport:
        """Rename, merge or split labels.

        question: may be left out where one alone has labels.  among: which of its lists (`types` of relations); may be
        left out where one alone has such a label.
        """
        from labelwright.services.projects.label_changes import change_labels

        return change_labels(
            self.id,
            kind,
            old,
            new,
            storage=self.workspace.storage,
            world=self.workspace.world,
            question=question,
            among=among,
            dry_run=dry_run,
        )

    def undo_labels(self, *, dry_run: bool = False) -> LabelChangeReport:
        """Take the newest rename, merge or split that stands back.  Raises: NotFound."""
        from labelwright.services.projects.label_changes import undo_labels

        return undo_labels(self.id, storage=self.workspace.storage, world=self.workspace.world, dry_run=dry_run)
