"""project.yaml: what a person writes, checked at the border and turned into a `ProjectConfig`.

Errors name the line, the value and the nearest valid choice. The file holds no secret: a key stays in the environment,
and whatever looks like one is refused without being shown.
"""

from labelwright.settings.project_file import PROJECT_FILE, ProjectFile, read_project_file

__all__ = ["PROJECT_FILE", "ProjectFile", "read_project_file"]
