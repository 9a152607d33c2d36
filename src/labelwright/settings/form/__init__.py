"""The form of project.yaml: its keys, their types and ranges. A file for each part, and one for the whole."""

from labelwright.settings.form.policy import CertifyModel
from labelwright.settings.form.project import FORMS, ProjectModel
from labelwright.settings.form.questions import QuestionModel

__all__ = ["FORMS", "CertifyModel", "ProjectModel", "QuestionModel"]
